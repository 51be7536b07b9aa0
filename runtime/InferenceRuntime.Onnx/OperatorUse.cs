namespace InferenceRuntime.Onnx;

/// <summary>An operator that a model uses.</summary>
/// <param name="Domain">Its domain, <c>ai.onnx</c> for the standard's own.</param>
/// <param name="Name">Its name, for example <c>Conv</c>.</param>
/// <param name="Node">Name of the first node that uses it; may be empty.</param>
public sealed record OperatorUse(string Domain, string Name, string Node);
