namespace InferenceOperator.Kubernetes.Models;

/// <summary>The answer of <c>/version</c>. Managed clusters append a plus sign to the minor version.</summary>
internal sealed record VersionReport(string? Major, string? Minor, string? GitVersion);
