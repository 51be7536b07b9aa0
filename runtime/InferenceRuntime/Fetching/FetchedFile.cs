namespace InferenceRuntime.Fetching;

/// <summary>A file that was brought whole.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Tag">Its strong entity tag at the source; null: it has none.</param>
internal sealed record FetchedFile(long Bytes, string Sha256, string? Tag);
