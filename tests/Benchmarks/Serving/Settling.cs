namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Tells when a server has stopped getting faster: its code is compiled, its pools are filled.</summary>
internal sealed class Settling
{
    /// <summary>A rate that passes the best one before by less than this share is no growth.</summary>
    public const double GrowthMin = 0.03;

    /// <summary>Measurements in a row without growth that show it.</summary>
    public const int CalmMin = 2;

    private double _best;
    private int _calm;

    /// <summary>True when the last measurements showed no growth.</summary>
    public bool IsSettled => _calm >= CalmMin;

    /// <summary>Takes the throughput of the next stretch of time.</summary>
    public void Add(double rate)
    {
        _calm = rate > _best * (1 + GrowthMin) ? 0 : _calm + 1;
        _best = Math.Max(_best, rate);
    }
}
