namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Cheap pseudo-random numbers that repeat for equal seeds. Not thread safe.</summary>
/// <remarks>Source: splitmix64 (Steele, Lea, Flood, OOPSLA 2014).</remarks>
internal struct Lots(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number from 0 up to, not including, the bound; the bound is at least 1.</summary>
    public int Next(int bound)
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)Math.BigMul(z ^ (z >> 31), (ulong)bound, out _);
    }
}
