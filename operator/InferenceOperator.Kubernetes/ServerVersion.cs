namespace InferenceOperator.Kubernetes;

/// <summary>The version of the API server.</summary>
/// <param name="Text">As it reports it, such as <c>v1.34.1</c>.</param>
public readonly record struct ServerVersion(int Major, int Minor, string Text);
