namespace InferenceRuntime.Onnx;

/// <summary>A piece of a file beside the model that holds one tensor.</summary>
/// <param name="Tensor">The tensor's name.</param>
/// <param name="Location">Path relative to the model's folder; never leads out of it.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes; −1 when the piece runs to the end of the file.</param>
public sealed record ExternalData(string Tensor, string Location, long Offset, long Length);
