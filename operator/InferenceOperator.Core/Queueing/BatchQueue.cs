namespace InferenceOperator.Core.Queueing;

/// <summary>
/// One server that, when free, takes all that waits up to a batch of b: the queue just after a completion is a Markov
/// chain, whose stationary distribution gives the distribution of latency.
/// </summary>
/// <remarks>
/// State L; next batch k = min(b, max(L, 1)); L' = max(0, L − b) + N(s(k)), N the arrivals in that time. Solved by power
/// iteration on a truncated chain. Cost: about a millisecond for b ≤ 16, some ten for b = 64 or noisy service. Not thread safe: it keeps the last
/// distribution as the start of the next.
/// </remarks>
internal sealed class BatchQueue(BatchService service, double dispersion)
{
    private const int IterationsMax = 3000;
    private const double Converged = 1e-8;

    /// <summary>Probability of a state below which the rest of the queue is cut.</summary>
    private const double Negligible = 1e-8;

    /// <summary>Additions that one solution may take: some 10 ms.</summary>
    private const double AdditionsMax = 20e6;

    private readonly double _dispersion = Math.Clamp(dispersion / service.RowsPerUnit, 1, 64);
    private double[]? _start;

    /// <summary>Latency of a row when <paramref name="rowsPerSecond"/> arrive; null when the server cannot keep up.</summary>
    public LatencyDistribution? Latency(double rowsPerSecond)
    {
        var rate = rowsPerSecond / service.RowsPerUnit;
        if (rate >= service.Units / service.Seconds(service.Units))
        {
            return null;
        }

        var states = (int)(((6 * service.Units) + 120) * Math.Min(4, Math.Sqrt(_dispersion)));
        var stationary = Solve(rate, states);
        return LatencyOf(rate, stationary);
    }

    /// <summary>Most rows per second at which the share of rows within the target is kept; 0 when none is.</summary>
    /// <param name="targetSeconds">Above 0.</param>
    /// <param name="share">In (0, 1).</param>
    public double Capacity(double targetSeconds, double share)
    {
        var raw = service.Units * service.RowsPerUnit / service.Seconds(service.Units);
        double low = 0, high = 1;
        for (var i = 0; i < 8; i++)
        {
            var middle = (low + high) / 2;
            var holds = Latency(raw * middle) is { } latency && latency.ShareWithin(targetSeconds) >= share;
            (low, high) = holds ? (middle, high) : (low, middle);
        }

        return raw * low;
    }

    private double[] Solve(double rate, int states)
    {
        var arrivals = new double[service.Units + 1][];
        for (var k = 1; k <= service.Units; k++)
        {
            arrivals[k] = ArrivalsDuring(rate, k, states);
        }

        var now = _start ?? [1.0, .. new double[states - 1]];
        var iterations = Math.Min(IterationsMax, AdditionsMax / (states * arrivals[^1].Length));
        for (var i = 0; i < iterations; i++)
        {
            var next = new double[states];
            for (var queue = 0; queue < states; queue++)
            {
                if (now[queue] > 1e-12)
                {
                    Spread(next, now[queue], Math.Max(0, queue - service.Units), arrivals[Math.Clamp(queue, 1, service.Units)]);
                }
            }

            var change = 0.0;
            for (var queue = 0; queue < states; queue++)
            {
                change += Math.Abs(next[queue] - now[queue]);
            }

            now = next;
            if (change < Converged)
            {
                break;
            }
        }

        _start = now;
        return now[..(Array.FindLastIndex(now, p => p > Negligible) + 1)];
    }

    private double[] ArrivalsDuring(double rate, int units, int states)
    {
        var seconds = service.Seconds(units);
        if (service.Noise.Count == 1)
        {
            return CountDistribution.Of(rate * seconds, _dispersion, states);
        }

        var parts = service.Noise.Select(n => (n.Weight, Counts: CountDistribution.Of(rate * seconds * n.Factor, _dispersion, states))).ToList();
        var mixed = new double[parts.Max(p => p.Counts.Length)];
        foreach (var (weight, counts) in parts)
        {
            for (var k = 0; k < counts.Length; k++)
            {
                mixed[k] += weight * counts[k];
            }
        }

        return mixed;
    }

    private static void Spread(double[] into, double weight, int offset, double[] counts)
    {
        var fits = Math.Min(counts.Length, into.Length - offset);
        var target = into.AsSpan(offset, fits);
        for (var k = 0; k < fits; k++)
        {
            target[k] += weight * counts[k];
        }

        for (var k = fits; k < counts.Length; k++)
        {
            into[^1] += weight * counts[k];
        }
    }

    private LatencyDistribution LatencyOf(double rate, double[] stationary)
    {
        var full = service.Units;
        var largest = service.Noise[^1].Factor;
        var latency = new LatencyDistribution(((stationary.Length / (double)full) + 8) * service.Seconds(full) * largest);
        double StateOr0(int state) => state < stationary.Length ? stationary[state] : 0;

        foreach (var (factor, weight) in service.Noise)
        {
            latency.Add(service.Seconds(1) * factor, stationary[0] * weight);
        }

        for (var k = 1; k <= full; k++)
        {
            // Queues of the same next batch go together: what is left over differs.
            double[] left = k < full ? [StateOr0(k) + (k == 1 ? stationary[0] : 0)]
                : full == 1 ? [stationary[0] + StateOr0(1), .. stationary.Skip(2)]
                : [.. stationary.Skip(full)];

            foreach (var (factor, weight) in service.Noise)
            {
                AddArrivalsDuring(latency, rate, k, factor, weight, left);
            }
        }

        return latency;
    }

    /// <summary>Adds the rows that arrive while a batch of k units runs.</summary>
    private void AddArrivalsDuring(LatencyDistribution latency, double rate, int k, double factor, double weight, double[] left)
    {
        // Noise smooths the latency, so fewer moments do.
        var moments = service.Noise.Count == 1 ? 16 : 8;
        var seconds = service.Seconds(k) * factor;
        var mass = left.Sum() * rate * seconds * weight;
        if (mass < 1e-7)
        {
            return;
        }

        var companions = (_dispersion - 1) / 2;
        for (var i = 0; i < moments; i++)
        {
            var elapsed = seconds * (i + 0.5) / moments;
            var counts = CountDistribution.Of(rate * elapsed, _dispersion, (8 * service.Units) + 120);
            var ahead = new double[left.Length + counts.Length - 1];
            for (var r = 0; r < left.Length; r++)
            {
                if (left[r] > 1e-12)
                {
                    Spread(ahead, left[r], r, counts);
                }
            }

            for (var p = 0; p < ahead.Length; p++)
            {
                if (ahead[p] > 1e-10)
                {
                    AddRow(latency, rate, seconds - elapsed, p + companions, ahead[p] * rate * seconds * weight / moments);
                }
            }
        }
    }

    /// <summary>Adds a row with so many units ahead of it, when the running batch needs so long still.</summary>
    private void AddRow(LatencyDistribution latency, double rate, double remaining, double ahead, double weight)
    {
        var batches = Math.Floor(ahead / service.Units);
        var wait = remaining + (batches * service.Seconds(service.Units));
        var place = ahead - (batches * service.Units) + 1;
        var more = rate * wait;
        var spread = Math.Sqrt(3 * more * _dispersion);
        foreach (var (factor, share) in service.Noise)
        {
            if (factor != 1)
            {
                latency.Add(wait + (service.Seconds(place + more) * factor), weight * share);
                continue;
            }

            latency.Add(wait + service.Seconds(place + Math.Max(0, more - spread)), weight * share / 6);
            latency.Add(wait + service.Seconds(place + more), weight * share * 2 / 3);
            latency.Add(wait + service.Seconds(place + more + spread), weight * share / 6);
        }
    }
}
