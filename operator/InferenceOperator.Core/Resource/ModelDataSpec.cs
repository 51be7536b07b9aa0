namespace InferenceOperator.Core.Resource;

/// <summary>A file of external data of a model.</summary>
public sealed record ModelDataSpec
{
    /// <summary>Where the model looks for it, relative to its own folder.</summary>
    public required string Path { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 that it must have.</summary>
    public required string Sha256 { get; init; }
}
