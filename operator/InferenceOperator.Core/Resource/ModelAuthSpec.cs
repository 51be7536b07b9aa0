namespace InferenceOperator.Core.Resource;

/// <summary>By what right a model is read.</summary>
public sealed record ModelAuthSpec
{
    /// <summary>Secret of the agent's namespace with the credentials. It is mounted where the model is fetched; the operator does not read it.</summary>
    public required string SecretName { get; init; }
}
