namespace InferenceOperator.Core.Resource;

/// <summary>Which model file is served.</summary>
public sealed record ModelSpec
{
    /// <summary><c>file:///path</c> (local mode) or <c>pvc://claim/path</c>; see <see cref="ModelLocation"/>.</summary>
    public required string Uri { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 that the file must have; null: any. A mismatch is never served.</summary>
    public string? Sha256 { get; init; }
}
