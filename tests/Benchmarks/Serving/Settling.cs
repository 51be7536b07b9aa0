namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Tells when a server has stopped getting faster: its code is compiled, its pools are filled.</summary>
internal sealed class Settling
{
    /// <summary>A rate above the reference by less than this share is no growth. Only growth moves the reference: a slow climb is seen too.</summary>
    public const double GrowthMin = 0.03;

    /// <summary>Measurements in a row without growth that show it.</summary>
    public const int CalmMin = 4;

    private double _reference;
    private int _calm;

    /// <summary>True when the last measurements showed no growth.</summary>
    public bool IsSettled => _calm >= CalmMin;

    /// <summary>Takes the throughput of the next stretch of time.</summary>
    public void Add(double rate)
    {
        if (rate > _reference * (1 + GrowthMin))
        {
            _reference = rate;
            _calm = 0;
        }
        else
        {
            _calm++;
        }
    }
}
