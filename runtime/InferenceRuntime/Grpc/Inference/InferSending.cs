using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Protocol;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Sends the answer to an inference request straight into the stream's pipe.</summary>
internal static class InferSending
{
    /// <summary>Replies up to this size are written in one go; longer ones piece by piece, each when the one before has room.</summary>
    private const int OnePieceMax = 32 * 1024;

    /// <summary>Longest piece of a longer one.</summary>
    private const int PieceMax = 256 * 1024;

    private const byte StreamedKey = (2 << 3) | (int)WireType.LengthDelimited;

    /// <summary>Sends one reply; what was not flushed goes with what comes next. The outputs are free when it completes.</summary>
    /// <param name="exchange">The call's stream.</param>
    /// <param name="call">What was asked.</param>
    /// <param name="outputs">The answer.</param>
    /// <param name="streamed">True for a ModelStreamInferResponse round the ModelInferResponse.</param>
    /// <param name="cancellationToken">Cancelled when the client goes away.</param>
    public static ValueTask<GrpcStatus> SendAsync(GrpcExchange exchange, GrpcCall call, TensorContent[] outputs, bool streamed, CancellationToken cancellationToken)
    {
        var length = InferReply.Length(call, outputs);
        var whole = streamed ? 1 + ProtoSize.OfVarint((ulong)length) + length : length;
        if (whole > int.MaxValue)
        {
            return new(new GrpcStatus(GrpcCode.ResourceExhausted, $"the answer has {whole} bytes, a message holds at most {int.MaxValue}"));
        }

        GrpcReply.Begin(exchange);
        if (exchange.RepliesGzip)
        {
            Write(call, outputs, streamed, length, exchange.Reply);
            GrpcReply.WriteGzip(exchange);
            return new(GrpcStatus.Ok);
        }

        var writer = exchange.Writer;
        GrpcReply.WritePrefix(writer, compressed: false, whole);
        if (whole > OnePieceMax)
        {
            return SendPiecesAsync(writer, call, outputs, streamed, length, cancellationToken);
        }

        Write(call, outputs, streamed, length, writer);
        return new(GrpcStatus.Ok);
    }

    private static void Write(GrpcCall call, TensorContent[] outputs, bool streamed, long length, IBufferWriter<byte> into)
    {
        WriteHead(call, outputs, streamed, length, into);
        for (var i = 0; i < outputs.Length; i++)
        {
            if (InferReply.IsWanted(call, i))
            {
                InferReply.WriteTensorKey(outputs[i], into);
                into.Write(outputs[i].Bytes.Span);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<GrpcStatus> SendPiecesAsync(
        PipeWriter writer, GrpcCall call, TensorContent[] outputs, bool streamed, long length, CancellationToken cancellationToken)
    {
        WriteHead(call, outputs, streamed, length, writer);
        for (var i = 0; i < outputs.Length; i++)
        {
            if (!InferReply.IsWanted(call, i))
            {
                continue;
            }

            InferReply.WriteTensorKey(outputs[i], writer);
            for (var left = outputs[i].Bytes; !left.IsEmpty;)
            {
                var piece = left[..Math.Min(left.Length, PieceMax)];
                await writer.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
                left = left[piece.Length..];
            }
        }

        return GrpcStatus.Ok;
    }

    private static void WriteHead(GrpcCall call, TensorContent[] outputs, bool streamed, long length, IBufferWriter<byte> into)
    {
        if (streamed)
        {
            var key = into.GetSpan(1 + ProtoSize.VarintMax);
            key[0] = StreamedKey;
            into.Advance(1 + ProtoSize.WriteVarint(key[1..], (ulong)length));
        }

        InferReply.WriteHead(call, outputs, into);
    }
}
