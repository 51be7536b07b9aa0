namespace InferenceOperator.Core.Tests.Queueing;

/// <summary>The oracle: a batch server simulated event by event, which takes all that waits up to a batch whenever it is free.</summary>
/// <param name="MaxBatch">Rows.</param>
/// <param name="Service">s(b), seconds.</param>
internal sealed record BatchServerSimulation(int MaxBatch, Func<double, double> Service)
{
    private const double BinSeconds = 1e-5;
    private const int Bins = 1 << 20;

    public required int Seed { get; init; }

    /// <summary>Rows per second.</summary>
    public required double Rate { get; init; }

    /// <summary>Coefficient of variation of an execution's time, log-normal.</summary>
    public double Noise { get; init; }

    /// <summary>Coefficient of variation of the gaps between arrivals: 1 is Poisson, others a Gamma renewal process.</summary>
    public double GapVariation { get; init; } = 1;

    public int Requests { get; init; } = 500_000;

    /// <summary>Latency that the share of the requests does not exceed, seconds, to 10 µs; the first fiftieth is warm-up.</summary>
    public double Quantile(double share)
    {
        var (arriving, serving) = (new Random(Seed), new Random(Seed + 1));
        var sigma = Math.Sqrt(Math.Log(1 + (Noise * Noise)));
        var counts = new int[Bins];
        var waiting = new Queue<double>();
        double next = Gap(arriving), free = 0;
        var counted = 0;
        for (var done = 0; done < Requests;)
        {
            if (waiting.Count == 0)
            {
                waiting.Enqueue(next);
                free = Math.Max(free, next);
                next += Gap(arriving);
            }

            for (; next <= free; next += Gap(arriving))
            {
                waiting.Enqueue(next);
            }

            var batch = Math.Min(MaxBatch, waiting.Count);
            free += Service(batch) * (Noise > 0 ? Math.Exp((sigma * Normal(serving)) - (sigma * sigma / 2)) : 1);
            for (var i = 0; i < batch; i++, done++)
            {
                var bin = (int)Math.Min(Bins - 1, (free - waiting.Dequeue()) / BinSeconds);
                if (done > Requests / 50)
                {
                    counts[bin]++;
                    counted++;
                }
            }
        }

        return (Array.FindIndex(counts, new Rank(share * counted).IsReached) + 0.5) * BinSeconds;
    }

    /// <summary>Variance over mean of the arrivals in windows of 100 ms.</summary>
    public double Dispersion()
    {
        const int windows = 20_000;
        var random = new Random(Seed);
        double sum = 0, squares = 0, next = Gap(random);
        for (var window = 1; window <= windows; window++)
        {
            var count = 0;
            for (; next < window * 0.1; next += Gap(random))
            {
                count++;
            }

            sum += count;
            squares += (double)count * count;
        }

        var mean = sum / windows;
        return ((squares / windows) - (mean * mean)) / mean;
    }

    /// <summary>Most rows per second at which the share stays within the target, by halving.</summary>
    public double Capacity(double targetSeconds, double share)
    {
        double low = 0, high = MaxBatch / Service(MaxBatch);
        for (var i = 0; i < 8; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = (this with { Rate = middle }).Quantile(share) <= targetSeconds ? (middle, high) : (low, middle);
        }

        return low;
    }

    private double Gap(Random random) => GapVariation.Equals(1.0)
        ? -Math.Log(1 - random.NextDouble()) / Rate
        : Gamma(random, 1 / (GapVariation * GapVariation)) * GapVariation * GapVariation / Rate;

    /// <summary>A Gamma variable of scale 1 (Marsaglia and Tsang 2000).</summary>
    private static double Gamma(Random random, double shape)
    {
        if (shape < 1)
        {
            return Gamma(random, shape + 1) * Math.Pow(1 - random.NextDouble(), 1 / shape);
        }

        var d = shape - (1.0 / 3);
        while (true)
        {
            var x = Normal(random);
            var v = Math.Pow(1 + (x / Math.Sqrt(9 * d)), 3);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < (x * x / 2) + d - (d * v) + (d * Math.Log(v)))
            {
                return d * v;
            }
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private sealed class Rank(double wanted)
    {
        private double _seen;

        public bool IsReached(int count) => (_seen += count) >= wanted;
    }
}
