using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using InferenceRuntime.Onnx.Schema;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Gives an architecture without weights (<c>models/*.graph.onnx</c>) random ones, the same for the same seed.</summary>
/// <remarks>
/// Float initializers that carry no values get normal ones with deviation sqrt(2 / fan-in), as He et al. 2015 (arXiv:1502.01852)
/// start training: activations keep their scale, so no run is slowed by denormals or infinities.
/// </remarks>
internal static class RandomWeights
{
    private const int Float32 = 1;   // TensorProto.DataType.FLOAT

    /// <summary>Reads <paramref name="graph"/> and writes a whole model to <paramref name="model"/>.</summary>
    public static void Fill(string graph, string model, int seed)
    {
        var random = new Random(seed);
        var onnx = ModelProto.Parser.ParseFrom(File.ReadAllBytes(graph));
        foreach (var initializer in onnx.Graph.Initializer)
        {
            if (initializer.DataType == Float32 && initializer.RawData.IsEmpty && initializer.FloatData.Count == 0)
            {
                initializer.RawData = Values(initializer.Dims, random);
            }
        }

        using var output = File.Create(model);
        onnx.WriteTo(output);
    }

    private static ByteString Values(RepeatedField<long> dims, Random random)
    {
        var count = dims.Aggregate(1L, static (product, dim) => checked(product * dim));
        var deviation = Math.Sqrt(2.0 * dims[0] / count);
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            // Box and Muller 1958; 1 − u keeps the logarithm finite.
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values));
    }
}
