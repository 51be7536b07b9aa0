namespace InferenceOperator.Core.Planning;

/// <summary>The most demand within a sliding window. Bounded: only values that can still be the most are kept, at most <see cref="KeptMax"/>.</summary>
internal sealed class DemandWindow
{
    public const int KeptMax = 4096;

    private readonly LinkedList<(DateTimeOffset At, double Demand)> _kept = [];

    public void Add(DateTimeOffset at, double demand)
    {
        while (_kept.Last is { } last && last.Value.Demand <= demand)
        {
            _kept.RemoveLast();
        }

        _kept.AddLast((at, demand));
        if (_kept.Count > KeptMax)
        {
            _kept.RemoveLast();
        }
    }

    /// <summary>The most since a time; older values are forgotten. 0 when there is none.</summary>
    public double MostSince(DateTimeOffset since)
    {
        while (_kept.First is { } first && first.Value.At < since)
        {
            _kept.RemoveFirst();
        }

        return _kept.First?.Value.Demand ?? 0;
    }
}
