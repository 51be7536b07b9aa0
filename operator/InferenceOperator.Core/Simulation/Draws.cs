namespace InferenceOperator.Core.Simulation;

/// <summary>Random numbers that are a function of seed, purpose and key alone: what one policy does never moves what another one draws.</summary>
/// <remarks>SplitMix64 (Steele, Lea and Flood 2014) as a hash; the normal quantile is Acklam's rational approximation, relative error below 1.2e-9.</remarks>
internal struct Draws(ulong seed, DrawPurpose purpose)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(seed + ((ulong)purpose * Step));

    /// <summary>The next number of this stream, in (0, 1).</summary>
    public double Next()
    {
        _state += Step;
        return ToUniform(Mix(_state));
    }

    /// <summary>The next standard normal number of this stream.</summary>
    public double NextNormal() => Normal(Next());

    /// <summary>The number of a key, in (0, 1).</summary>
    public static double At(ulong seed, DrawPurpose purpose, ulong key) => ToUniform(Mix(Mix(seed + ((ulong)purpose * Step)) ^ Mix(key + Step)));

    /// <summary>The standard normal number of a key.</summary>
    public static double NormalAt(ulong seed, DrawPurpose purpose, ulong key) => Normal(At(seed, purpose, key));

    /// <summary>The standard normal quantile.</summary>
    /// <param name="share">In (0, 1).</param>
    public static double Normal(double share)
    {
        if (share is > 0.02425 and < 0.97575)
        {
            var q = share - 0.5;
            var r = q * q;
            return ((((((((((-39.69683028665376 * r) + 220.9460984245205) * r) - 275.9285104469687) * r) + 138.3577518672690) * r) - 30.66479806614716) * r) + 2.506628277459239) * q
                / ((((((((((-54.47609879822406 * r) + 161.5858368580409) * r) - 155.6989798598866) * r) + 66.80131188771972) * r) - 13.28068155288572) * r) + 1);
        }

        var t = Math.Sqrt(-2 * Math.Log(share < 0.5 ? share : 1 - share));
        var tail = ((((((((((-0.007784894002430293 * t) - 0.3223964580411365) * t) - 2.400758277161838) * t) - 2.549732539343734) * t) + 4.374664141464968) * t) + 2.938163982698783)
            / ((((((((0.007784695709041462 * t) + 0.3224671290700398) * t) + 2.445134137142996) * t) + 3.754408661907416) * t) + 1);
        return share < 0.5 ? tail : -tail;
    }

    private static double ToUniform(ulong bits) => ((bits >> 11) + 0.5) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
