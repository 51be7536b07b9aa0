namespace InferenceOperator.Kubernetes;

/// <summary>How a server-side apply treats fields that others own.</summary>
/// <param name="FieldManager">The name under which the applied fields are owned. Keep it the same across versions.</param>
/// <param name="Force">Whether to take fields from other managers that set them to other values.</param>
public readonly record struct ApplyOptions(string FieldManager, bool Force);
