namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A minute of a soak.</summary>
/// <param name="Load">What became of its requests.</param>
/// <param name="ResidentBytes">Resident memory, once a second.</param>
/// <param name="Handles">Open file descriptors when its connections were closed.</param>
internal sealed record SoakMinute(LoadResult Load, IReadOnlyList<long> ResidentBytes, int Handles);
