using System.Runtime.InteropServices;

namespace InferenceRuntime.Core.Batching;

/// <summary>Requests, or pieces of them, that are executed together. Owned and reused by one worker.</summary>
public sealed class Batch
{
    private readonly List<BatchPart> _parts = [];

    /// <summary>Rows of all parts together.</summary>
    public int Rows { get; private set; }

    /// <summary>The parts, in the order of their rows. Valid until the batch is cleared.</summary>
    public ReadOnlySpan<BatchPart> Parts => CollectionsMarshal.AsSpan(_parts);

    /// <summary>Forgets the parts.</summary>
    public void Clear()
    {
        _parts.Clear();
        Rows = 0;
    }

    internal void Add(BatchPart part)
    {
        _parts.Add(part);
        Rows += part.Rows;
    }
}
