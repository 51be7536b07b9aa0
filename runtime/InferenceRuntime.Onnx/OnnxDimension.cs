namespace InferenceRuntime.Onnx;

/// <summary>One declared dimension.</summary>
/// <param name="Length">Its length; −1 when it varies.</param>
/// <param name="Symbol">The name of a length that varies; empty when it has none.</param>
public readonly record struct OnnxDimension(long Length, string Symbol);
