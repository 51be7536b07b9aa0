namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Belady's rule as it stands: what is asked for again last goes first, newcomers included. The optimum for equal sizes.</summary>
internal static class Farthest
{
    public static HitRatios Run(Trace trace, long bytesMax)
    {
        var next = new int[trace.Requests.Length];
        var seen = new int[trace.Items.Length];
        Array.Fill(seen, int.MaxValue);
        for (var i = next.Length - 1; i >= 0; i--)
        {
            next[i] = seen[trace.Requests[i]];
            seen[trace.Requests[i]] = i;
        }

        var ratios = new RatioCount(trace);
        var held = new SortedSet<(int Next, int Item)>();
        var dueAt = new int[trace.Items.Length];
        var bytes = 0L;
        for (var i = 0; i < next.Length; i++)
        {
            var index = trace.Requests[i];
            var item = trace.Items[index];
            var isHit = dueAt[index] == i && held.Remove((i, index));
            ratios.Add(i, item, isHit);
            bytes += isHit ? 0 : item.Bytes;
            dueAt[index] = next[i];
            held.Add((next[i], index));
            while (bytes > bytesMax)
            {
                var victim = held.Max;
                held.Remove(victim);
                bytes -= trace.Items[victim.Item].Bytes;
            }
        }

        return ratios.Ratios;
    }
}
