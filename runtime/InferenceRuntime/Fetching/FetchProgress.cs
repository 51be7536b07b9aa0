namespace InferenceRuntime.Fetching;

/// <summary>How far the bringing of one file has come.</summary>
/// <param name="Bytes">Bytes that are there.</param>
/// <param name="Length">Of the whole file; null: not known.</param>
internal readonly record struct FetchProgress(long Bytes, long? Length);
