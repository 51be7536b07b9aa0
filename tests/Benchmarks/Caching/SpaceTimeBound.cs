namespace InferenceOperator.Benchmarks.Caching;

/// <summary>What no policy can pass, even one that knows the future.</summary>
/// <remarks>
/// For things of unequal size Belady's rule is not the optimum and finding it is NP-hard. The bound: a hit needs its thing to be
/// held since the request before, which takes bytes × requests of the cache's space-time; the cheapest hits are counted until that
/// is spent (PFOO-L, Berger, Beckmann, Harchol-Balter, SIGMETRICS 2018). For equal sizes it lies at or above Belady's optimum.
/// </remarks>
internal static class SpaceTimeBound
{
    public static HitRatios Of(Trace trace, long bytesMax)
    {
        var last = new int[trace.Items.Length];
        Array.Fill(last, -1);
        var from = trace.Requests.Length / 10;
        var reuses = new List<(int Length, TraceItem Item)>();
        var total = (Requests: 0.0, Bytes: 0.0, Cost: 0.0);
        for (var i = 0; i < trace.Requests.Length; i++)
        {
            var index = trace.Requests[i];
            var item = trace.Items[index];
            if (i >= from)
            {
                total = (total.Requests + 1, total.Bytes + item.Bytes, total.Cost + item.Cost);
                if (last[index] >= 0)
                {
                    reuses.Add((i - last[index], item));
                }
            }

            last[index] = i;
        }

        var space = (double)bytesMax * trace.Requests.Length;
        return new HitRatios(
            Best(reuses, space, static _ => 1) / total.Requests,
            Best(reuses, space, static item => item.Bytes) / total.Bytes,
            Best(reuses, space, static item => item.Cost) / total.Cost);
    }

    private static double Best(List<(int Length, TraceItem Item)> reuses, double space, Func<TraceItem, double> worth)
    {
        var sum = 0.0;
        foreach (var (length, item) in reuses.OrderBy(reuse => (double)reuse.Length * reuse.Item.Bytes / worth(reuse.Item)))
        {
            var footprint = (double)length * item.Bytes;
            if (footprint > space)
            {
                return sum + (worth(item) * space / footprint);
            }

            space -= footprint;
            sum += worth(item);
        }

        return sum;
    }
}
