namespace InferenceOperator.Core.Resource;

/// <summary>Which model file is served.</summary>
public sealed record ModelSpec
{
    /// <summary><c>file:///path</c> (local mode), <c>pvc://claim/path</c>, <c>https://</c>, <c>s3://bucket/key</c> or <c>oci://image#path</c>; see <see cref="ModelLocation"/>.</summary>
    public required string Uri { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 that the file must have; null: any. A mismatch is never served.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Files of external data and what they must be, all that the model has, where its own file is pinned and fetched; null: it has none. Not to be changed in place.</summary>
    public IReadOnlyList<ModelDataSpec>? Data { get; init; }

    /// <summary>By what right it is read; null: anybody may.</summary>
    public ModelAuthSpec? Auth { get; init; }
}
