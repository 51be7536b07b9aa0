namespace ModelMaking.Clicks;

/// <summary>Random numbers that are the same on every machine and release: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). One user at a time.</summary>
internal sealed class RandomStream(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Uniform in [0, 1).</summary>
    public double Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Uniform in 0 … <paramref name="below"/> − 1.</summary>
    public int Next(int below) => (int)(Next() * below);

    /// <summary>About normal, mean 0 and variance 1: the sum of twelve uniform ones, which needs no function of a machine's own.</summary>
    public double NextNormal()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
        {
            sum += Next();
        }

        return sum;
    }
}
