using InferenceRuntime.Core.Caching;

namespace InferenceRuntime.Core.Tests.Caching;

public sealed class KeyedHashTests
{
    private static readonly byte[] Secret = [.. Enumerable.Range(0, 16).Select(static i => (byte)i)];

    [Theory]
    [InlineData(0, "930255C71472F66DE6A825BA047F81A3")]
    [InlineData(8, "B49714F364E2830F61F55862BAA9623B")]
    public void Whole_words_are_hashed_as_the_reference_of_SipHash_does(int length, string expected)
    {
        // The reference's vectors: the secret is 00 01 … 0f, the message 00 01 …
        var state = new KeyedHash(Secret).Begin();
        foreach (var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>([.. Enumerable.Range(0, length).Select(static i => (byte)i)]))
        {
            state.Add(word);
        }

        Assert.Equal(expected, state.End((ulong)length).ToString("X32", null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(129)]
    [InlineData(1024)]
    [InlineData(1050)]
    [InlineData(5000)]
    public void Every_bit_counts(int length)
    {
        var hash = new KeyedHash(Secret);
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var seen = new HashSet<UInt128> { Of(hash, bytes) };
        for (var i = 0; i < length; i++)
        {
            bytes[i] ^= 1;
            Assert.True(seen.Add(Of(hash, bytes)), $"byte {i}");
            bytes[i] ^= 1;
        }

        Assert.Equal(length + 1, seen.Count);
    }

    [Fact]
    public void Another_secret_gives_other_hashes_also_where_long_runs_are_folded()
    {
        byte[] other = [.. Secret.Select(static b => (byte)(b + 1))];

        Assert.NotEqual(Of(new KeyedHash(Secret), new byte[4096]), Of(new KeyedHash(other), new byte[4096]));
        Assert.Equal(Of(new KeyedHash(Secret), new byte[4096]), Of(new KeyedHash(Secret), new byte[4096]));
    }

    [Fact]
    public void Blocks_that_change_places_change_the_hash()
    {
        var bytes = new byte[2048];
        new Random(7).NextBytes(bytes);
        byte[] turned = [.. bytes[1024..], .. bytes[..1024]];

        Assert.NotEqual(Of(new KeyedHash(Secret), bytes), Of(new KeyedHash(Secret), turned));
    }

    private static UInt128 Of(KeyedHash hash, byte[] bytes)
    {
        var state = hash.Begin();
        hash.Add(ref state, bytes);
        return state.End(0);
    }
}
