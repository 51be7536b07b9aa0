using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using InferenceRuntime.Contract;

namespace InferenceOperator.Benchmarks.Caching;

/// <summary>The policies against each other, against the bound, and what each costs.</summary>
internal sealed class CacheSuite(bool quick)
{
    /// <summary>Memory of the cache, as a share of what all items with a popularity take.</summary>
    private const double SizeShare = 0.05;

    private const int CostRounds = 4;

    private const string Belady = "Belady's rule";
    private const string Bound = "bound";

    private readonly int[] _seeds = quick ? [1] : [1, 2, 3];
    private readonly int _requests = quick ? 200_000 : 400_000;

    private static CachePolicy[] Policies { get; } = [.. Enum.GetValues<CachePolicy>().Where(static p => p != CachePolicy.None)];

    public SuiteReport Run()
    {
        var weighted = Replays(equal: false);
        var equal = Replays(equal: true);
        List<ReportTable> tables =
        [
            weighted.Table("Hit ratio, requests, %", static r => r.Requests),
            weighted.Table("Hit ratio, bytes, %", static r => r.Bytes),
            weighted.Table("Compute time saved, %", static r => r.TimeSaved),
            equal.Table("Hit ratio with items of one size and cost, %", static r => r.Requests),
            Costs(),
        ];
        var title = FormattableString.Invariant(
            $"{Machine.Describe()}; seeds {string.Join(", ", _seeds)}; {_requests} requests a trace, {Traces.Population} items, cache of {SizeShare:P0} of their bytes");
        return new SuiteReport("cache", title, tables, [.. CacheBars.Of(weighted)]);
    }

    private RatioTable Replays(bool equal)
    {
        var table = new RatioTable([.. Policies.Select(static p => p.ToString()), Belady, Bound], _seeds.Length);
        foreach (var seed in _seeds)
        {
            foreach (var trace in new Traces(seed, _requests, equal).All())
            {
                var bytesMax = (long)(SizeShare * trace.Items.Take(Traces.Population).Sum(static i => (long)i.Bytes));
                foreach (var policy in Policies)
                {
                    table.Add(trace.Name, policy.ToString(), Replay.Run(trace, policy, bytesMax, (ulong)seed));
                }

                table.Add(trace.Name, Belady, Farthest.Run(trace, bytesMax));
                table.Add(trace.Name, Bound, SpaceTimeBound.Of(trace, bytesMax));
            }
        }

        return table;
    }

    // The least of a few rounds in which the policies take turns: neighbours on the machine only ever add time.
    private ReportTable Costs()
    {
        var load = new CacheLoad(seed: 1);
        var operations = quick ? 100_000 : 400_000;
        var least = Policies.ToDictionary(static p => p, static _ => (One: double.MaxValue, Eight: double.MaxValue, Hits: 0.0));
        for (var round = 0; round < CostRounds; round++)
        {
            foreach (var policy in Policies)
            {
                var one = load.Run(policy, 1, operations);
                var eight = load.Run(policy, 8, operations);
                var before = least[policy];
                least[policy] = (Math.Min(before.One, one.Nanoseconds), Math.Min(before.Eight, eight.Nanoseconds), one.HitRatio);
            }
        }

        return new ReportTable(
            "Cost of an operation: lookup of 256 bytes, store on a miss; Zipf 0.9",
            ["policy", "1 thread, ns", "8 threads, ns of wall time", "hits, %"],
            [.. Policies.Select(policy => (IReadOnlyList<string>)
            [
                policy.ToString(),
                FormattableString.Invariant($"{least[policy].One:0}"),
                FormattableString.Invariant($"{least[policy].Eight:0}"),
                FormattableString.Invariant($"{100 * least[policy].Hits:0.0}"),
            ])]);
    }
}
