namespace InferenceOperator.Core.Queueing;

/// <summary>A distribution of latency on equal bins from 0 to a longest value.</summary>
internal sealed class LatencyDistribution(double longestSeconds)
{
    private const int Bins = 4096;

    private readonly double[] _weights = new double[Bins];
    private readonly double _binsPerSecond = Bins / longestSeconds;
    private double _total;

    public void Add(double seconds, double weight)
    {
        _weights[Math.Clamp((int)(seconds * _binsPerSecond), 0, Bins - 1)] += weight;
        _total += weight;
    }

    /// <summary>Share of latencies up to a value, linear within a bin.</summary>
    public double ShareWithin(double seconds)
    {
        var at = seconds * _binsPerSecond;
        var whole = Math.Clamp((int)at, 0, Bins);
        var sum = 0.0;
        for (var i = 0; i < whole; i++)
        {
            sum += _weights[i];
        }

        sum += whole < Bins ? _weights[whole] * Math.Clamp(at - whole, 0, 1) : 0;
        return _total > 0 ? sum / _total : 1;
    }

    /// <summary>The value that the share of latencies does not exceed, seconds.</summary>
    public double Quantile(double share)
    {
        var wanted = share * _total;
        var sum = 0.0;
        for (var i = 0; i < Bins; i++)
        {
            if (_weights[i] > 0 && sum + _weights[i] >= wanted)
            {
                return (i + ((wanted - sum) / _weights[i])) / _binsPerSecond;
            }

            sum += _weights[i];
        }

        return longestSeconds;
    }
}
