using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>One version of a model with the parts of its replies that never change. Immutable, thread safe.</summary>
internal sealed class GrpcModel
{
    private static readonly ConditionalWeakTable<ModelLookup.Found, GrpcModel> Known = [];

    private GrpcModel(ModelLookup.Found found)
    {
        Found = found;
        var signature = found.Engine.Signature;
        Served = new ServedModel(signature);
        ReplyHead = [.. Text(1, signature.Name), .. Text(2, signature.Version)];
        OutputHeads = [.. signature.Outputs.Select(static o => (byte[])[.. Text(1, o.Name), .. Text(2, o.Datatype.WireName())])];
    }

    public ModelLookup.Found Found { get; }

    public IInferenceEngine Engine => Found.Engine;

    public ServedModel Served { get; }

    /// <summary>Name and version, as ModelInferResponse begins.</summary>
    public byte[] ReplyHead { get; }

    /// <summary>Name and datatype of each output, as InferOutputTensor begins.</summary>
    public ImmutableArray<byte[]> OutputHeads { get; }

    /// <summary>The one object of a version, kept for as long as it serves.</summary>
    public static GrpcModel Of(ModelLookup.Found found) => Known.GetValue(found, static f => new GrpcModel(f));

    private static byte[] Text(int field, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[ProtoSize.VarintMax];
        var lengthSize = ProtoSize.WriteVarint(length, (ulong)bytes.Length);
        return [(byte)((field << 3) | (int)WireType.LengthDelimited), .. length[..lengthSize], .. bytes];
    }
}
