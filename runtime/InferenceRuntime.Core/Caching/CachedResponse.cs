using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Caching;

/// <summary>A response that was computed once, with its key. What it holds never changes: who was given the answer may keep it.</summary>
public sealed class CachedResponse : CacheEntry
{
    /// <summary>This object, its answer and what the answer holds beside arrays' contents; measured by a test.</summary>
    internal const int ObjectBytes = 160 + 56;

    private const int TensorBytes = 32;

    /// <param name="hash">Hash of the key.</param>
    /// <param name="key">The key, as <see cref="RequestKeys"/> writes it.</param>
    /// <param name="answer">The answer; its memory is nobody else's to change or give back.</param>
    /// <param name="bytes">Memory of all of it.</param>
    /// <param name="cost">Compute time that it took, microseconds, above 0.</param>
    /// <param name="storedAt">Timestamp from which its age counts.</param>
    private CachedResponse(UInt128 hash, byte[] key, InferenceOutcome.Answered answer, long bytes, double cost, long storedAt)
        : base(hash, bytes, cost)
    {
        Key = key;
        Answer = answer;
        StoredAt = storedAt;
    }

    /// <summary>The key's bytes; not to be changed.</summary>
    public byte[] Key { get; }

    /// <summary>The answer, without phases: nothing was queued or computed for who gets it. There is nothing to release.</summary>
    public InferenceOutcome.Answered Answer { get; }

    /// <summary>Timestamp from which its age counts.</summary>
    public long StoredAt { get; }

    /// <summary>The next in the same bucket of the table.</summary>
    internal CachedResponse? Next { get; set; }

    /// <summary>Copies the outputs into memory of its own.</summary>
    /// <param name="hash">Hash of the key.</param>
    /// <param name="key">The key; belongs to the response from now on.</param>
    /// <param name="outputs">One tensor for each output; those not wanted are empty.</param>
    /// <param name="cost">Compute time that they took, microseconds.</param>
    /// <param name="storedAt">Timestamp from which the age counts.</param>
    /// <returns>Null when the outputs are longer than an array may be.</returns>
    public static CachedResponse? Copy(UInt128 hash, byte[] key, ReadOnlySpan<TensorContent> outputs, double cost, long storedAt)
    {
        var (axes, length) = (0, 0L);
        foreach (var output in outputs)
        {
            axes += output.Shape.Length;
            length += output.Bytes.Length;
        }

        if (length > Array.MaxLength)
        {
            return null;
        }

        var shapes = axes == 0 ? [] : new long[axes];
        var content = length == 0 ? [] : GC.AllocateUninitializedArray<byte>((int)length);
        var copies = outputs.IsEmpty ? [] : new TensorContent[outputs.Length];
        var (axis, at) = (0, 0);
        for (var i = 0; i < outputs.Length; i++)
        {
            var output = outputs[i];
            output.Shape.Span.CopyTo(shapes.AsSpan(axis));
            output.Bytes.Span.CopyTo(content.AsSpan(at));
            copies[i] = new TensorContent(shapes.AsMemory(axis, output.Shape.Length), content.AsMemory(at, output.Bytes.Length));
            axis += output.Shape.Length;
            at += output.Bytes.Length;
        }

        var bytes = ObjectBytes + HeldBytes.Array(key.Length) + HeldBytes.Array(length) + HeldBytes.Array(axes * (long)sizeof(long))
            + HeldBytes.Array(copies.Length * (long)TensorBytes);
        return new CachedResponse(hash, key, new InferenceOutcome.Answered(copies, default, Release: null), bytes, Math.Max(cost, 1e-3), storedAt);
    }

    /// <summary>The same response for another cache; contents are shared.</summary>
    public CachedResponse ForAnotherCache() => new(Hash, Key, Answer, Bytes, Cost, StoredAt);
}
