using System.Runtime.InteropServices;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Memory outside the managed heap, aligned for vector instructions and zeroed once. Not thread safe.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const nuint Alignment = 64;

    private byte* _bytes;

    /// <summary>Bytes held.</summary>
    public long Length { get; private set; }

    /// <summary>The first byte; never null after <see cref="Reserve"/>.</summary>
    public nint Address => (nint)_bytes;

    /// <summary>Makes room for <paramref name="length"/> bytes; what was there is lost when it has to grow.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much memory; the buffer is empty then.</exception>
    public void Reserve(long length)
    {
        if (_bytes is not null && length <= Length)
        {
            return;
        }

        Dispose();
        var rounded = ((nuint)Math.Max(length, 1) + Alignment - 1) / Alignment * Alignment;
        _bytes = (byte*)NativeMemory.AlignedAlloc(rounded, Alignment);
        NativeMemory.Clear(_bytes, rounded);
        Length = (long)rounded;
    }

    /// <summary>Bytes from <paramref name="offset"/> on, inside what was reserved.</summary>
    public Span<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new Span<byte>(_bytes + offset, length);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_bytes);
        _bytes = null;
        Length = 0;
    }
}
