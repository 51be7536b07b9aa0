namespace InferenceOperator.Kubernetes.Models;

/// <summary>One of several things that were wrong.</summary>
/// <param name="Field">The field at fault, such as <c>spec.replicas</c>.</param>
public sealed record StatusCause(string? Reason, string? Message, string? Field);
