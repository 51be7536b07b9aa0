namespace InferenceOperator.Decisions;

/// <summary>A line of a decision log.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Bytes">UTF-8, without the line feed; only the begin of it where it is not whole.</param>
/// <param name="IsWhole">False: the line is longer than <see cref="LogReader.LineBytesMax"/>.</param>
internal readonly record struct LogLine(long Number, ReadOnlyMemory<byte> Bytes, bool IsWhole);
