namespace InferenceOperator.Kubernetes.Models;

/// <summary>One row of discovery. Subresources have a slash in their name.</summary>
internal sealed record ApiResource(string Name, string Kind, bool Namespaced);
