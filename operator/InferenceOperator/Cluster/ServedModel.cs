using InferenceOperator.Core.Observation;

namespace InferenceOperator.Cluster;

/// <summary>What a replica says that it serves.</summary>
/// <param name="Sha256">SHA-256 of the model file; null: not known.</param>
/// <param name="Placement">On what it runs; null: not known.</param>
internal sealed record ServedModel(string? Sha256, ModelPlacement? Placement);
