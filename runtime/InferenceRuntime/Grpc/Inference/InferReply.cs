using System.Buffers;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Protocol;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Writes a ModelInferResponse: prebuilt names round shapes and raw tensors, with no message in between.</summary>
internal static class InferReply
{
    private const byte IdKey = (3 << 3) | (int)WireType.LengthDelimited;
    private const byte OutputKey = (5 << 3) | (int)WireType.LengthDelimited;
    private const byte RawKey = (6 << 3) | (int)WireType.LengthDelimited;
    private const byte ShapeKey = (3 << 3) | (int)WireType.LengthDelimited;

    /// <summary>Bytes of the message; beyond <see cref="int.MaxValue"/> it cannot be sent.</summary>
    public static long Length(GrpcCall call, ReadOnlySpan<TensorContent> outputs)
    {
        var length = (long)call.Model.ReplyHead.Length + (call.Id.IsEmpty ? 0 : 1 + SizeWithLength(call.Id.Length));
        for (var i = 0; i < outputs.Length; i++)
        {
            if (IsWanted(call, i))
            {
                length += 1 + SizeWithLength(OutputLength(call, i, outputs[i]));
                length += 1 + SizeWithLength(outputs[i].Bytes.Length);
            }
        }

        return length;
    }

    /// <summary>Writes everything before the tensors' bytes.</summary>
    public static void WriteHead(GrpcCall call, ReadOnlySpan<TensorContent> outputs, IBufferWriter<byte> into)
    {
        into.Write(call.Model.ReplyHead);
        if (!call.Id.IsEmpty)
        {
            WriteKey(into, IdKey, call.Id.Length);
            into.Write(call.Id);
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            if (IsWanted(call, i))
            {
                WriteKey(into, OutputKey, OutputLength(call, i, outputs[i]));
                into.Write(call.Model.OutputHeads[i]);
                WriteShape(into, outputs[i].Shape.Span);
            }
        }
    }

    /// <summary>Writes what stands before the bytes of one tensor.</summary>
    public static void WriteTensorKey(TensorContent output, IBufferWriter<byte> into) => WriteKey(into, RawKey, output.Bytes.Length);

    public static bool IsWanted(GrpcCall call, int output) => (call.Inputs.OutputsWanted & (1UL << output)) != 0;

    private static int OutputLength(GrpcCall call, int index, TensorContent output)
    {
        var shape = ShapeLength(output.Shape.Span);
        return call.Model.OutputHeads[index].Length + (shape == 0 ? 0 : 1 + (int)SizeWithLength(shape));
    }

    private static int ShapeLength(ReadOnlySpan<long> shape)
    {
        var length = 0;
        foreach (var dimension in shape)
        {
            length += ProtoSize.OfVarint((ulong)dimension);
        }

        return length;
    }

    private static void WriteShape(IBufferWriter<byte> into, ReadOnlySpan<long> shape)
    {
        if (shape.IsEmpty)
        {
            return;
        }

        WriteKey(into, ShapeKey, ShapeLength(shape));
        foreach (var dimension in shape)
        {
            into.Advance(ProtoSize.WriteVarint(into.GetSpan(ProtoSize.VarintMax), (ulong)dimension));
        }
    }

    private static void WriteKey(IBufferWriter<byte> into, byte key, int length)
    {
        var span = into.GetSpan(1 + ProtoSize.VarintMax);
        span[0] = key;
        into.Advance(1 + ProtoSize.WriteVarint(span[1..], (ulong)length));
    }

    private static long SizeWithLength(int length) => ProtoSize.OfVarint((ulong)length) + (long)length;
}
