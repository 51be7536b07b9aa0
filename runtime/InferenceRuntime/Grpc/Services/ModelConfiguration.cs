using System.Collections.Immutable;
using System.Diagnostics;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Transport.Replies;

namespace InferenceRuntime.Grpc.Services;

/// <summary>A served model as Triton's ModelConfig describes one.</summary>
internal static class ModelConfiguration
{
    public static ModelConfig Of(IInferenceEngine engine)
    {
        var signature = engine.Signature;
        var config = new ModelConfig
        {
            Name = signature.Name,
            Platform = signature.Platform,
            Backend = "onnxruntime",
            MaxBatchSize = signature.Batched ? engine.Settings.Batching.MaxSize : 0,
            ModelTransactionPolicy = new ModelTransactionPolicy { Decoupled = false },
            ResponseCache = new ModelResponseCache { Enable = engine.Settings.Cache.Policy != CachePolicy.None },
        };
        config.Input.AddRange(signature.Inputs.Select(input => new ModelInput
        {
            Name = input.Name,
            DataType = Type(input.Datatype),
            Dims = { Dimensions(input.Shape, signature.Batched) },
        }));
        config.Output.AddRange(signature.Outputs.Select(output => new ModelOutput
        {
            Name = output.Name,
            DataType = Type(output.Datatype),
            Dims = { Dimensions(output.Shape, signature.Batched) },
        }));
        foreach (var (name, value) in ModelParameters.Of(engine.Statistics.Placement))
        {
            config.Parameters.Add(name, new ModelParameter { StringValue = value });
        }

        if (signature.Batched)
        {
            config.DynamicBatching = new ModelDynamicBatching { MaxQueueDelayMicroseconds = (ulong)(engine.Settings.Batching.MaxDelayMs * 1000) };
        }

        return config;
    }

    /// <summary>A batched model's batch axis is not part of its dimensions.</summary>
    private static IEnumerable<long> Dimensions(ImmutableArray<long> shape, bool batched) => shape.Skip(batched ? 1 : 0);

    private static DataType Type(Datatype datatype) => datatype switch
    {
        Datatype.Bool => DataType.TypeBool,
        Datatype.UInt8 => DataType.TypeUint8,
        Datatype.UInt16 => DataType.TypeUint16,
        Datatype.UInt32 => DataType.TypeUint32,
        Datatype.UInt64 => DataType.TypeUint64,
        Datatype.Int8 => DataType.TypeInt8,
        Datatype.Int16 => DataType.TypeInt16,
        Datatype.Int32 => DataType.TypeInt32,
        Datatype.Int64 => DataType.TypeInt64,
        Datatype.Fp16 => DataType.TypeFp16,
        Datatype.Bf16 => DataType.TypeBf16,
        Datatype.Fp32 => DataType.TypeFp32,
        Datatype.Fp64 => DataType.TypeFp64,
        Datatype.Bytes => DataType.TypeString,
        _ => throw new UnreachableException(),
    };
}
