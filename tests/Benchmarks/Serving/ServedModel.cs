namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A model that the suite serves.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="File">The ONNX file.</param>
/// <param name="Buckets">Batch sizes among which the bare loop may choose its best.</param>
internal sealed record ServedModel(string Name, string File, IReadOnlyList<int> Buckets);
