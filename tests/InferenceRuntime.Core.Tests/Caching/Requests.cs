using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Tests.Caching;

/// <summary>Requests and responses to fill caches with.</summary>
internal static class Requests
{
    public static KeyedHash Hash { get; } = new(new byte[KeyedHash.SecretBytes]);

    /// <summary>A request of one input whose bytes tell its number.</summary>
    public static InferenceRequest Of(int number, int bytes = 64)
    {
        var content = new byte[bytes];
        new Random(number).NextBytes(content);
        BitConverter.TryWriteBytes(content, number);
        return Of(new TensorContent(new long[] { 1, bytes }, content));
    }

    public static InferenceRequest Of(params TensorContent[] inputs) =>
        new(inputs, 1, inputs.Sum(static i => i.Bytes.Length), 1, 0, 0, long.MaxValue);

    /// <summary>A response whose one output tells the number.</summary>
    public static CachedResponse Response(InferenceRequest request, int number, UInt128? hash = null, double cost = 100, long storedAt = 0, int bytes = 64)
    {
        var content = new byte[bytes];
        BitConverter.TryWriteBytes(content, number);
        return CachedResponse.Copy(
            hash ?? RequestKeys.Hash(Hash, request), RequestKeys.Encode(request)!, [new TensorContent(new long[] { 1, bytes }, content)], cost, storedAt)!;
    }

    public static int Number(CachedResponse response) => BitConverter.ToInt32(response.Answer.Outputs[0].Bytes.Span);
}
