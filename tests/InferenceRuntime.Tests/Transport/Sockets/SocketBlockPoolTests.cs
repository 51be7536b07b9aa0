using System.Buffers;
using InferenceRuntime.Transport.Sockets;

namespace InferenceRuntime.Tests.Transport.Sockets;

public sealed class SocketBlockPoolTests : IDisposable
{
    private readonly SocketBlockPool _pool = new();

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void Blocks_are_large_while_few_are_out_and_small_beyond()
    {
        var blocks = Rent(SocketBlockPool.LargeMax + 2);

        Assert.All(blocks[..SocketBlockPool.LargeMax], static block => Assert.Equal(SocketBlockPool.LargeBytes, block.Memory.Length));
        Assert.All(blocks[SocketBlockPool.LargeMax..], static block => Assert.Equal(SocketBlockPool.SmallBytes, block.Memory.Length));
    }

    [Fact]
    public void What_was_given_back_last_is_given_out_first_and_large_ones_before_small_ones()
    {
        var blocks = Rent(SocketBlockPool.LargeMax + 1);
        var (large, small) = (blocks[3], blocks[^1]);
        blocks[2].Dispose();
        large.Dispose();
        small.Dispose();

        Assert.Same(large, _pool.Rent());
        Assert.Same(blocks[2], _pool.Rent());
        Assert.Same(small, _pool.Rent(SocketBlockPool.SmallBytes));
    }

    [Fact]
    public void Small_blocks_beyond_the_bound_are_not_kept()
    {
        var blocks = Rent(SocketBlockPool.LargeMax + SocketBlockPool.SmallKeptMax + 1);
        foreach (var block in blocks[SocketBlockPool.LargeMax..])
        {
            block.Dispose();
        }

        var kept = Rent(SocketBlockPool.SmallKeptMax + 1).Intersect(blocks).Count();

        Assert.Equal(SocketBlockPool.SmallKeptMax, kept);
    }

    [Fact]
    public void More_than_a_small_block_cannot_be_asked_for() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Rent(_pool.MaxBufferSize + 1));

    private IMemoryOwner<byte>[] Rent(int count) => [.. Enumerable.Range(0, count).Select(_ => _pool.Rent())];
}
