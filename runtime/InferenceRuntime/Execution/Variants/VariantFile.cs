namespace InferenceRuntime.Execution.Variants;

/// <summary>Another form of the model that is to be resident beside it.</summary>
/// <param name="Name">Differs from the others' and from <c>full</c>.</param>
/// <param name="Path">The ONNX file.</param>
/// <param name="Sha256">SHA-256 that the file must have, hexadecimal; null: any.</param>
internal sealed record VariantFile(string Name, string Path, string? Sha256);
