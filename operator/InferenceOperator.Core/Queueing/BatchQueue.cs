namespace InferenceOperator.Core.Queueing;

/// <summary>
/// One server that, when free, takes all that waits up to a batch of b: the queue just after a completion is a Markov
/// chain, whose stationary distribution gives the distribution of latency.
/// </summary>
/// <remarks>
/// State L; next batch k = min(b, max(L, 1)); L' = max(0, L − b) + N(s(k)), N the arrivals in that time. Solved directly by
/// <see cref="EmbeddedChain"/>, cut where the tail, whose decay is known, is negligible. A solution takes well below a millisecond, with noisy
/// service some; `tests/Benchmarks -- model` measures it. Immutable; thread safe.
/// </remarks>
/// <param name="service">Service times.</param>
/// <param name="dispersion">Variance over mean of the rows that arrive in a time; 1 for Poisson.</param>
internal sealed class BatchQueue(BatchService service, double dispersion)
{
    /// <summary>Probability beyond which the queue is cut, and the mass of a case that is passed over.</summary>
    private const double Negligible = 1e-6;

    /// <summary>Multiplications that one solution may take; a longer tail is cut shorter, at latencies far beyond any that matters.</summary>
    private const double WorkMax = 2e6;

    /// <summary>Moments of an execution at which arrivals are looked at: most for the most frequent batch, fewer where bursts or noise blur them.</summary>
    private const int MomentsMost = 12;
    private const int MomentsMin = 3;

    private readonly double _dispersion = Math.Clamp(dispersion / service.RowsPerUnit, 1, 64);
    private readonly int _momentsMax = MomentsMost / ((dispersion / service.RowsPerUnit) switch { > 8 => 3, > 2 => 2, _ => service.Noise.Count > 3 ? 2 : 1 });

    /// <summary>Latency of a row when <paramref name="rowsPerSecond"/> arrive; null when the server cannot keep up.</summary>
    public LatencyDistribution? Latency(double rowsPerSecond)
    {
        var rate = rowsPerSecond / service.RowsPerUnit;
        if (!(rate > 0) || rate * service.Seconds(service.Units) >= service.Units * 0.9999)
        {
            return rate > 0 ? null : Latency(1e-6);
        }

        var arrivals = new double[service.Units + 1][];
        arrivals[0] = [];
        for (var k = 1; k <= service.Units; k++)
        {
            arrivals[k] = ArrivalsDuring(rate, k);
        }

        return LatencyOf(rate, new EmbeddedChain(arrivals, States(rate, arrivals[^1].Length)).Stationary());
    }

    /// <summary>Most rows per second at which the share of rows within the target is kept, to half a percent; 0 when none is.</summary>
    /// <param name="targetSeconds">Above 0.</param>
    /// <param name="share">In (0, 1).</param>
    public double Capacity(double targetSeconds, double share)
    {
        const double precision = 0.005;
        var raw = service.Units * service.RowsPerUnit / service.Seconds(service.Units);
        double Excess(double load) => (Latency(raw * load)?.Quantile(share) ?? double.PositiveInfinity) / targetSeconds;

        double low = 0, high = 1, lowAt = double.NaN, highAt = double.PositiveInfinity;
        while (high - low > precision * Math.Max(high, 0.05))
        {
            // The latency over the free share of the server is nearly straight: interpolated there where both ends are known, halved otherwise.
            var guess = double.IsFinite(lowAt + highAt) ? low + ((high - low) * Math.Clamp((1 - lowAt) / (highAt - lowAt), 0.1, 0.9)) : low == 0 && high == 1 ? 0.8 : (low + high) / 2;
            var at = Excess(guess);
            if (at <= 1)
            {
                (low, lowAt) = (guess, at);
            }
            else
            {
                (high, highAt) = (guess, at);
            }
        }

        return raw * low;
    }

    /// <summary>States so that what is beyond them is negligible: the tail of a full server's queue decays as e^(−θL), E[e^(θ(N − b))] = 1.</summary>
    private int States(double rate, int reach)
    {
        var full = service.Units;
        double Growth(double theta) => Math.Log(service.Noise.Sum(n => n.Weight * Math.Exp(Math.Min(300, CountDistribution.LogMoment(rate * service.Seconds(full) * n.Factor, _dispersion, theta) - (theta * full)))));

        double low = 1e-5, high = 8;
        while (high / low > 1.02)
        {
            var middle = Math.Sqrt(low * high);
            (low, high) = Growth(middle) < 0 ? (middle, high) : (low, middle);
        }

        var tail = -Math.Log(Negligible) / low;
        var affordable = WorkMax / (Math.Max(8, reach - full) * full);
        return (int)Math.Clamp(Math.Min(tail, affordable), 32, 8192) + full + 1;
    }

    private double[] ArrivalsDuring(double rate, int units)
    {
        const int longest = 1024;
        var seconds = service.Seconds(units);
        if (service.Noise.Count == 1)
        {
            return CountDistribution.Of(rate * seconds, _dispersion, longest);
        }

        var parts = service.Noise.Select(n => (n.Weight, Counts: CountDistribution.Of(rate * seconds * n.Factor, _dispersion, longest))).ToList();
        var mixed = new double[parts.Max(p => p.Counts.Length)];
        foreach (var (weight, counts) in parts)
        {
            Vectors.AddScaled(mixed, weight, counts);
        }

        return mixed[..(Array.FindLastIndex(mixed, p => p > 1e-12) + 1)];
    }

    private LatencyDistribution LatencyOf(double rate, double[] stationary)
    {
        var full = service.Units;
        var top = Array.FindLastIndex(stationary, p => p > Negligible / 10);
        var latency = new LatencyDistribution(((top / (double)full) + 4) * service.Seconds(full) * (1 + (4 * service.RelativeNoise)));

        // Who finds the server idle is served alone.
        AddExecution(latency, 0, 0, service.Seconds(1), service.Seconds(1), 0, stationary[0]);
        var rows = stationary[0];
        for (var queue = 0; queue <= top; queue++)
        {
            rows += stationary[queue] * rate * service.Seconds(Math.Clamp(queue, 1, full));
        }

        for (var k = 1; k < full; k++)
        {
            AddArrivalsDuring(latency, rate, k, stationary.AsSpan(k, 1), k == 1 ? stationary[0] : 0, rows);
        }

        AddArrivalsDuring(latency, rate, full, stationary.AsSpan(full, Math.Max(1, top + 1 - full)), full == 1 ? stationary[0] : 0, rows);
        return latency;
    }

    /// <summary>Adds the rows that arrive while a batch of k units runs.</summary>
    /// <param name="latency">Where to.</param>
    /// <param name="rate">Units per second.</param>
    /// <param name="k">Units of the batch.</param>
    /// <param name="left">Probability that it leaves 0, 1, … units behind.</param>
    /// <param name="more">Added to the first.</param>
    /// <param name="rows">Rows per completion, of all states.</param>
    private void AddArrivalsDuring(LatencyDistribution latency, double rate, int k, ReadOnlySpan<double> left, double more, double rows)
    {
        var total = more;
        foreach (var p in left)
        {
            total += p;
        }

        foreach (var (factor, weight) in service.Noise)
        {
            var seconds = service.Seconds(k) * factor;
            var mass = total * rate * seconds * weight;
            if (mass < Negligible * rows)
            {
                continue;
            }

            var moments = Math.Clamp((int)Math.Ceiling(4 * _momentsMax * Math.Sqrt(mass / rows)), MomentsMin, _momentsMax);
            var step = seconds / moments;
            double[] ahead = [.. left];
            ahead[0] += more;
            ahead = Convolved(Trimmed(ahead), CountDistribution.Of(rate * step / 2, _dispersion, 1024));
            var further = CountDistribution.Of(rate * step, _dispersion, 1024);
            for (var i = 0; i < moments; i++)
            {
                AddMoment(latency, rate, seconds - (step * (i + 0.5)), step, ahead, rate * step * weight, rows);
                ahead = i + 1 < moments ? Convolved(Trimmed(ahead), further) : ahead;
            }
        }
    }

    /// <summary>Adds the rows that arrive around one moment.</summary>
    private void AddMoment(LatencyDistribution latency, double rate, double remaining, double step, double[] ahead, double perRow, double rows)
    {
        // Whoever arrives in a burst finds half of the others of it before him.
        var companions = (_dispersion - 1) / 2;
        var full = service.Units;
        var fullSeconds = service.Seconds(full);
        var least = Negligible / 10 * rows / perRow;
        for (var p = 0; p < ahead.Length; p++)
        {
            if (ahead[p] < least)
            {
                continue;
            }

            var batches = Math.Floor((p + companions) / full);
            var wait = remaining + (batches * fullSeconds);
            var place = p + companions - (batches * full) + 1;
            var join = rate * wait;
            var spread = Math.Sqrt(3 * join * _dispersion);
            var shortest = service.Seconds(place + Math.Max(0, join - spread));
            var longest = service.Seconds(place + join + spread);
            AddExecution(latency, wait, step, shortest, longest, batches, ahead[p] * perRow);
        }
    }

    /// <summary>Adds rows that wait, give or take half a step, and then run for a time between two.</summary>
    private void AddExecution(LatencyDistribution latency, double wait, double step, double shortest, double longest, double batches, double weight)
    {
        // The noise of the batches before adds up with that of the own one; of it and the even spread the wider one gives the shape.
        var (middle, half) = (wait + ((shortest + longest) / 2), (longest - shortest + step) / 2);
        var even = half * half / 3;
        var noise = service.RelativeNoise * service.RelativeNoise;
        var noisy = ((shortest + longest) * (shortest + longest) / 4) + (batches * service.Seconds(service.Units) * service.Seconds(service.Units));
        if (noise * noisy <= even)
        {
            half = Math.Sqrt(3 * (even + (noise * noisy)));
            latency.Add(middle - half, middle + half, weight);
        }
        else
        {
            latency.Add(middle, Math.Sqrt(noisy + (even / noise)), service.Spread, weight);
        }
    }

    /// <summary>Without the tail that does not matter.</summary>
    private static double[] Trimmed(double[] probabilities) => probabilities[..(Array.FindLastIndex(probabilities, p => p > Negligible / 10) + 1)];

    private static double[] Convolved(double[] left, double[] right)
    {
        var sum = new double[left.Length + right.Length - 1];
        var (few, many) = left.Length < right.Length ? (left, right) : (right, left);
        for (var i = 0; i < few.Length; i++)
        {
            if (few[i] > Negligible / 100)
            {
                Vectors.AddScaled(sum.AsSpan(i, many.Length), few[i], many);
            }
        }

        return sum;
    }
}
