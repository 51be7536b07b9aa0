namespace InferenceOperator.Kubernetes.Models;

internal sealed record ApiResourceList(IReadOnlyList<ApiResource>? Resources);
