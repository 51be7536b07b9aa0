using System.Buffers;
using System.Diagnostics;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>The outputs of one request: their shapes and one piece of pooled memory for all their bytes.</summary>
internal sealed class OutputBlock
{
    // Tensors begin at multiples of this, so that whoever reads them can read whole elements.
    private const int Alignment = 8;

    private readonly OutputPool _pool;
    private readonly Action _release;
    private readonly TensorContent[] _tensors;
    private readonly long[][] _shapes;
    private readonly long[] _lengths;
    private byte[]? _bytes;
    private int _isLent;

    public OutputBlock(OutputPool pool, int outputs)
    {
        _pool = pool;
        _release = Release;
        _tensors = new TensorContent[outputs];
        _shapes = new long[outputs][];
        _lengths = new long[outputs];
        Array.Fill(_shapes, []);
    }

    /// <summary>Sets the shape of an output, −1 bytes for one that is not wanted. Before <see cref="Allocate"/>.</summary>
    public void SetShape(int output, ReadOnlySpan<long> shape, long bytes)
    {
        if (_shapes[output].Length != shape.Length)
        {
            _shapes[output] = new long[shape.Length];
        }

        shape.CopyTo(_shapes[output]);
        _lengths[output] = bytes;
    }

    /// <summary>Leaves an output out.</summary>
    public void Skip(int output) => _lengths[output] = -1;

    /// <summary>Replaces axis 0 of a shape that was set.</summary>
    public void SetRows(int output, long rows) => _shapes[output][0] = rows;

    /// <summary>Rents the memory for all shapes that were set; false when it is more than one array can hold.</summary>
    public bool Allocate()
    {
        long total = 0;
        foreach (var length in _lengths)
        {
            total += Padded(length);
        }

        if (total > Array.MaxLength)
        {
            return false;
        }

        Debug.Assert(_bytes is null);
        _bytes = total == 0 ? [] : ArrayPool<byte>.Shared.Rent((int)total);
        var at = 0;
        for (var i = 0; i < _tensors.Length; i++)
        {
            _tensors[i] = _lengths[i] < 0 ? default : new TensorContent(_shapes[i], _bytes.AsMemory(at, (int)_lengths[i]));
            at += (int)Padded(_lengths[i]);
        }

        return true;
    }

    /// <summary>The memory of one output, to be filled.</summary>
    public Span<byte> Bytes(int output)
    {
        var offset = 0L;
        for (var i = 0; i < output; i++)
        {
            offset += Padded(_lengths[i]);
        }

        return _bytes.AsSpan((int)offset, (int)_lengths[output]);
    }

    /// <summary>Lends the outputs to a request.</summary>
    public OutputLease Lend()
    {
        _isLent = 1;
        return new OutputLease(_tensors, _release);
    }

    /// <summary>Gives a block back that was not lent.</summary>
    public void GiveUp()
    {
        _isLent = 1;
        Release();
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _isLent, 0) == 0)
        {
            throw new InvalidOperationException("These outputs have been released already.");
        }

        if (_bytes is { Length: > 0 } bytes)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        _bytes = null;
        Array.Clear(_tensors);
        _pool.Return(this);
    }

    private static long Padded(long length) => length <= 0 ? 0 : (length + Alignment - 1) / Alignment * Alignment;
}
