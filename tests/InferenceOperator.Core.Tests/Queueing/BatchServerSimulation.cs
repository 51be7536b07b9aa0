namespace InferenceOperator.Core.Tests.Queueing;

/// <summary>The oracle: a batch server simulated event by event.</summary>
internal static class BatchServerSimulation
{
    /// <summary>Latencies of the requests after a warm-up of a tenth, seconds, sorted.</summary>
    public static double[] Latencies(int seed, double rate, int maxBatch, Func<double, double> service, double noise = 0, double burst = 1, int requests = 150_000)
    {
        var random = new Random(seed);
        var arrivals = new double[requests];
        var clock = 0.0;
        for (var i = 0; i < requests; i++)
        {
            clock += Gap(random, rate, burst);
            arrivals[i] = clock;
        }

        var latencies = new List<double>(requests);
        var next = 0;
        var free = 0.0;
        while (next < requests)
        {
            var start = Math.Max(free, arrivals[next]);
            var end = next;
            while (end < requests && end - next < maxBatch && arrivals[end] <= start)
            {
                end++;
            }

            free = start + (service(end - next) * Math.Max(0.05, 1 + (noise * Normal(random))));
            for (; next < end; next++)
            {
                if (next > requests / 10)
                {
                    latencies.Add(free - arrivals[next]);
                }
            }
        }

        latencies.Sort();
        return [.. latencies];
    }

    public static double Quantile(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];

    /// <summary>Exponential gaps; with burst above 1, groups of geometric size arrive together: index of dispersion = 2·burst − 1.</summary>
    private static double Gap(Random random, double rate, double burst) =>
        burst > 1 && random.NextDouble() > 1 / burst ? 0 : -Math.Log(1 - random.NextDouble()) / rate * burst;

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
