using System.Numerics;

namespace InferenceRuntime.Core.Caching;

/// <summary>SipHash-2-4 with 128 bits over whole words (Aumasson, Bernstein, INDOCRYPT 2012, and its reference for 128 bits).</summary>
public struct SipState
{
    private ulong _v0;
    private ulong _v1;
    private ulong _v2;
    private ulong _v3;

    internal SipState(ulong secret0, ulong secret1)
    {
        _v0 = secret0 ^ 0x736f_6d65_7073_6575;
        _v1 = secret1 ^ 0x646f_7261_6e64_6f6d ^ 0xee;
        _v2 = secret0 ^ 0x6c79_6765_6e65_7261;
        _v3 = secret1 ^ 0x7465_6462_7974_6573;
    }

    /// <summary>Adds eight bytes, little-endian.</summary>
    public void Add(ulong word)
    {
        _v3 ^= word;
        Round();
        Round();
        _v0 ^= word;
    }

    /// <summary>The hash.</summary>
    /// <param name="length">Bytes that were added, modulo 256.</param>
    public UInt128 End(ulong length)
    {
        Add(length << 56);
        _v2 ^= 0xee;
        var low = Finish();
        _v1 ^= 0xdd;
        return new UInt128(Finish(), low);
    }

    private ulong Finish()
    {
        for (var i = 0; i < 4; i++)
        {
            Round();
        }

        return _v0 ^ _v1 ^ _v2 ^ _v3;
    }

    private void Round()
    {
        _v0 += _v1;
        _v2 += _v3;
        _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
        _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
        _v0 = BitOperations.RotateLeft(_v0, 32);
        _v2 += _v1;
        _v0 += _v3;
        _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
        _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
        _v2 = BitOperations.RotateLeft(_v2, 32);
    }
}
