namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Compares what an entry saves per byte with the mean of the entries held.</summary>
/// <remarks>
/// GreedyDual-Size (Cao, Irani, USITS 1997) keeps an entry for a time in proportion to cost over size. Queues do the same in
/// whole turns: an entry of mean density gets none beyond those of the plain policy, so that with equal entries each policy is
/// the one of its paper.
/// </remarks>
internal struct MeanDensity
{
    /// <summary>Most extra turns.</summary>
    public const int TurnsMax = 7;

    private double _cost;
    private long _bytes;

    public void Add(CacheEntry entry)
    {
        _cost += entry.Cost;
        _bytes += entry.Bytes;
    }

    public void Remove(CacheEntry entry)
    {
        _bytes -= entry.Bytes;
        _cost = _bytes == 0 ? 0 : _cost - entry.Cost;
    }

    /// <summary>Times that the entry is passed over where one of mean density would go, 0 to <see cref="TurnsMax"/>.</summary>
    public readonly int ExtraTurns(CacheEntry entry) =>
        _cost <= 0 ? 0 : (int)Math.Clamp((entry.Cost * _bytes / (entry.Bytes * _cost)) - 0.5, 0, TurnsMax);
}
