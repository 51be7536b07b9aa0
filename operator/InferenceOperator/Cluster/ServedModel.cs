namespace InferenceOperator.Cluster;

/// <summary>What a replica says that it serves.</summary>
/// <param name="Sha256">SHA-256 of the model file; null: not known.</param>
/// <param name="Provider">ONNX Runtime's name of the execution provider; null: not known.</param>
internal sealed record ServedModel(string? Sha256, string? Provider);
