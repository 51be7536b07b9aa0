using System.Buffers;

namespace InferenceRuntime.Transport;

/// <summary>Bytes that grow in pooled memory. Used again for each request on a connection; not thread safe.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    private const int FirstSize = 1024;

    private byte[] _array = [];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _array.AsMemory(0, Length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(Length);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_array.AsSpan(Length));
        Length += bytes.Length;
    }

    public void WriteByte(byte value)
    {
        Reserve(1);
        _array[Length++] = value;
    }

    /// <summary>Exchanges content and memory with another.</summary>
    public void Swap(PooledBuffer other)
    {
        (_array, other._array) = (other._array, _array);
        (Length, other.Length) = (other.Length, Length);
    }

    /// <summary>Forgets the content and gives the memory back.</summary>
    public void Clear()
    {
        Length = 0;
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
        }
    }

    private void Reserve(int size)
    {
        if (_array.Length - Length < Math.Max(size, 1))
        {
            Grow(size);
        }
    }

    private void Grow(int size)
    {
        var needed = (int)Math.Min(Math.Max((long)_array.Length * 2, Math.Max((long)Length + size, FirstSize)), Array.MaxLength);
        var larger = ArrayPool<byte>.Shared.Rent(needed);
        Written.Span.CopyTo(larger);
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        _array = larger;
    }
}
