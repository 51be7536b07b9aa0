using System.Buffers;

namespace InferenceRuntime.Transport.Sockets;

/// <summary>
/// Memory that sockets are read into and written from. A block is large while few are out: a tensor of half a megabyte then takes some
/// ten reads of its socket instead of 150. When many connections are busy at once, further blocks are small.
/// </summary>
/// <remarks>
/// Thread safe. Free blocks are kept, at most <see cref="LargeMax"/> large and <see cref="SmallKeptMax"/> small ones; what is returned last is given
/// out first. A connection that waits for data holds none.
/// </remarks>
internal sealed class SocketBlockPool : MemoryPool<byte>
{
    /// <summary>Bytes of a large block.</summary>
    public const int LargeBytes = 64 * 1024;

    /// <summary>Bytes of a small block, and the most that may be asked for.</summary>
    public const int SmallBytes = 4096;

    /// <summary>Most large blocks that exist: 32 MiB.</summary>
    public const int LargeMax = 512;

    /// <summary>Most small blocks that are kept: 8 MiB.</summary>
    public const int SmallKeptMax = 2048;

    private readonly Lock _gate = new();
    private Block? _freeLarge;
    private Block? _freeSmall;
    private int _large;
    private int _smallKept;

    /// <inheritdoc/>
    public override int MaxBufferSize => SmallBytes;

    /// <summary>Gives a block of <see cref="LargeBytes"/> or <see cref="SmallBytes"/>, uncleared; disposing it gives it back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="MaxBufferSize"/> was asked for.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, SmallBytes);
        lock (_gate)
        {
            if (Take(ref _freeLarge) is { } large)
            {
                return large;
            }

            if (_large < LargeMax)
            {
                _large++;
                return new Block(this, LargeBytes);
            }

            if (Take(ref _freeSmall) is { } small)
            {
                _smallKept--;
                return small;
            }
        }

        return new Block(this, SmallBytes);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Managed memory only: the blocks go with the pool.
    }

    private static Block? Take(ref Block? free)
    {
        var first = free;
        if (first is not null)
        {
            free = first.Next;
            first.Next = null;
        }

        return first;
    }

    private void Return(Block block)
    {
        lock (_gate)
        {
            if (block.Memory.Length == LargeBytes)
            {
                block.Next = _freeLarge;
                _freeLarge = block;
            }
            else if (_smallKept < SmallKeptMax)
            {
                _smallKept++;
                block.Next = _freeSmall;
                _freeSmall = block;
            }
        }
    }

    private sealed class Block(SocketBlockPool pool, int bytes) : IMemoryOwner<byte>
    {
        /// <summary>The next free block. Guarded by the pool's lock.</summary>
        public Block? Next { get; set; }

        // Pinned: the kernel reads and writes it, and the collector need not move it.
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);

        public void Dispose() => pool.Return(this);
    }
}
