namespace InferenceOperator.Manifests;

/// <summary>One manifest file as it was read.</summary>
/// <param name="Path">The file.</param>
/// <param name="Text">Its text.</param>
/// <param name="Unreadable">Why it could not be read; null when it could.</param>
internal sealed record ManifestText(string Path, string Text, string? Unreadable = null);
