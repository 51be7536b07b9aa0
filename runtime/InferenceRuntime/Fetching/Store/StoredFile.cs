namespace InferenceRuntime.Fetching.Store;

/// <summary>One file of a stored model.</summary>
/// <param name="Path">Where it lies in the entry, relative; <see cref="ModelStore.ModelFile"/> for the model itself.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
/// <param name="Tag">Its strong entity tag at the source; null: it has none.</param>
internal sealed record StoredFile(string Path, long Bytes, string Sha256, string? Tag);
