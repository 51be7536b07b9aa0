namespace InferenceOperator.Kubernetes;

/// <summary>A field that another manager owns with another value.</summary>
/// <param name="Manager">The owner, such as <c>kubectl-client-side-apply</c>; empty when the API server did not say.</param>
/// <param name="Field">The path, such as <c>.spec.replicas</c>.</param>
public readonly record struct FieldConflict(string Manager, string Field);
