namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>How a key was used so far: what the learned policy judges by. Time is counted in requests.</summary>
/// <remarks>
/// The three frequencies are sums over past uses, each use fading by half within a half-life (exponentially decayed counters,
/// as in LRB, Song et al., NSDI 2020), kept as base-2 logarithms, so that fading is a subtraction. Small on purpose: the policy keeps
/// one for each entry that it remembers. Times wrap round; only their differences are used.
/// </remarks>
internal struct ReuseHistory
{
    /// <summary>Half-lives, as multiples of the number of entries: two short ones and one long one.</summary>
    private const float ShortLife = 1f;
    private const float MiddleLife = 8f;
    private const float LongLife = 64f;

    /// <summary>Requests so far when the key was last used.</summary>
    public uint LastUse;

    /// <summary>Requests between the last use and the one before; 0: there was none.</summary>
    public uint Gap;

    private Half _short;
    private Half _middle;
    private Half _long;

    /// <summary>A key used for the first time.</summary>
    public static ReuseHistory First(uint now) => new() { LastUse = now };

    /// <summary>Notes a use.</summary>
    /// <param name="now">Requests so far, more than at the last use.</param>
    /// <param name="perEntry">1 / number of entries.</param>
    public void Use(uint now, float perEntry)
    {
        Gap = now - LastUse;
        var age = Gap * perEntry;
        _short = OneMore((float)_short - (age / ShortLife));
        _middle = OneMore((float)_middle - (age / MiddleLife));
        _long = OneMore((float)_long - (age / LongLife));
        LastUse = now;
    }

    /// <summary>What the model sees of the key now.</summary>
    public readonly ReuseFeatures Features(uint now, float perEntry)
    {
        var age = now - LastUse;
        var scaled = age * perEntry;
        return new ReuseFeatures(
            ReuseFeatures.OfTime(age),
            ReuseFeatures.OfFrequency((float)_short - (scaled / ShortLife)),
            ReuseFeatures.OfFrequency((float)_middle - (scaled / MiddleLife)),
            ReuseFeatures.OfFrequency((float)_long - (scaled / LongLife)),
            Gap == 0 ? ReuseFeatures.None : ReuseFeatures.OfTime(Gap),
            Gap == 0 ? ReuseFeatures.None : ReuseFeatures.OfRatio(age, Gap));
    }

    private static Half OneMore(float logarithm) => logarithm < -24 ? Half.Zero : (Half)MathF.Log2(1 + MathF.Pow(2, logarithm));
}
