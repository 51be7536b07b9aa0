namespace InferenceOperator.Local.Replicas;

/// <summary>A variant of the model that a replica is started with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Its file, absolute.</param>
/// <param name="Sha256">What the file has to be.</param>
internal sealed record VariantLaunch(string Name, string Path, string Sha256);
