using System.Runtime.InteropServices;

namespace InferenceRuntime.Core.Caching;

/// <summary>128-bit hashes under a secret: who does not know it cannot make keys that collide. Immutable, thread safe.</summary>
/// <remarks>
/// Long runs of bytes are first folded 32 to 1 by NH, whose chance of equal sums for different blocks of one length is at most 2⁻¹²⁸ over the
/// secrets (two sums of 64-bit words; Black et al., UMAC, CRYPTO 1999); what is left goes through SipHash-2-4 with 128 bits
/// (Aumasson, Bernstein, INDOCRYPT 2012).
/// </remarks>
public sealed class KeyedHash
{
    /// <summary>Bytes of a secret.</summary>
    public const int SecretBytes = 16;

    /// <summary>Words of a block that is folded into four.</summary>
    private const int BlockWords = 128;

    /// <summary>Runs of fewer words are not folded.</summary>
    private const int FoldedWordsLeast = 16;

    private readonly ulong _secret0;
    private readonly ulong _secret1;

    // The second sum uses the same words moved on by one pair (Toeplitz).
    private readonly ulong[] _words = new ulong[BlockWords + 2];

    /// <param name="secret"><see cref="SecretBytes"/> bytes that nobody else knows.</param>
    public KeyedHash(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretBytes, nameof(secret));
        _secret0 = BitConverter.ToUInt64(secret);
        _secret1 = BitConverter.ToUInt64(secret[8..]);
        for (var i = 0; i < _words.Length; i += 2)
        {
            var state = Begin();
            state.Add((ulong)i);
            var drawn = state.End(8);
            (_words[i], _words[i + 1]) = ((ulong)drawn, (ulong)(drawn >> 64));
        }
    }

    /// <summary>Begins a hash.</summary>
    public SipState Begin() => new(_secret0, _secret1);

    /// <summary>Adds bytes; what was added before must tell their number.</summary>
    public void Add(ref SipState state, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var at = 0;
        while (words.Length - at >= FoldedWordsLeast)
        {
            // An even number of words; what is left over is added as it is.
            var length = Math.Min(BlockWords, (words.Length - at) & ~1);
            Fold(ref state, words.Slice(at, length));
            at += length;
        }

        foreach (var word in words[at..])
        {
            state.Add(word);
        }

        var tail = bytes[(words.Length * sizeof(ulong))..];
        if (!tail.IsEmpty)
        {
            Span<byte> padded = stackalloc byte[sizeof(ulong)];
            padded.Clear();
            tail.CopyTo(padded);
            state.Add(BitConverter.ToUInt64(padded));
        }
    }

    private void Fold(ref SipState state, ReadOnlySpan<ulong> words)
    {
        var key = _words.AsSpan(0, words.Length + 2);
        var (high1, low1, high2, low2) = (0UL, 0UL, 0UL, 0UL);
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            var (even, odd) = (words[i], words[i + 1]);
            var high = Math.BigMul(even + key[i], odd + key[i + 1], out var low);
            low1 += low;
            high1 += high + (low1 < low ? 1UL : 0);
            high = Math.BigMul(even + key[i + 2], odd + key[i + 3], out low);
            low2 += low;
            high2 += high + (low2 < low ? 1UL : 0);
        }

        state.Add(low1);
        state.Add(high1);
        state.Add(low2);
        state.Add(high2);
    }
}
