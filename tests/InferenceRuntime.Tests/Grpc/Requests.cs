using System.Runtime.InteropServices;
using Google.Protobuf;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Tests.Transport;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>Makes requests from generated messages, as clients do.</summary>
internal static class Requests
{
    /// <summary>A model with one FP32 input of two columns.</summary>
    public static ModelSignature Pairs { get; } = EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2]));

    public static ModelInferRequest Pair(params float[] values) => Raw(("x", "FP32", [values.Length / 2, 2], MemoryMarshal.AsBytes<float>(values).ToArray()));

    /// <summary>Tensors in raw form.</summary>
    public static ModelInferRequest Raw(params (string Name, string Datatype, long[] Shape, byte[] Bytes)[] tensors)
    {
        var request = new ModelInferRequest { ModelName = "echo" };
        foreach (var (name, datatype, shape, bytes) in tensors)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor { Name = name, Datatype = datatype, Shape = { shape } });
            request.RawInputContents.Add(ByteString.CopyFrom(bytes));
        }

        return request;
    }

    /// <summary>Tensors in typed form.</summary>
    public static ModelInferRequest Typed(params (string Name, string Datatype, long[] Shape, InferTensorContents? Contents)[] tensors)
    {
        var request = new ModelInferRequest { ModelName = "echo" };
        foreach (var (name, datatype, shape, contents) in tensors)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor { Name = name, Datatype = datatype, Shape = { shape }, Contents = contents });
        }

        return request;
    }
}
