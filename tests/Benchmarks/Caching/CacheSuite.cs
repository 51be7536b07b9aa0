using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using InferenceRuntime.Contract;

namespace InferenceOperator.Benchmarks.Caching;

/// <summary>The policies against each other, against the bound, and what each costs.</summary>
internal sealed class CacheSuite(bool quick)
{
    private const double SizeShare = 0.05;

    private static readonly CachePolicy[] Policies =
        [CachePolicy.LRU, CachePolicy.LFU, CachePolicy.SIEVE, CachePolicy.S3FIFO, CachePolicy.WTinyLFU, CachePolicy.Learned];

    private readonly int[] _seeds = quick ? [1] : [1, 2, 3];
    private readonly int _requests = quick ? 200_000 : 400_000;

    public SuiteReport Run()
    {
        var mean = new Dictionary<(string Trace, string Contestant), HitRatios>();
        var names = new List<string>();
        foreach (var seed in _seeds)
        {
            foreach (var trace in new Traces(seed, _requests, equal: false).All())
            {
                if (!names.Contains(trace.Name))
                {
                    names.Add(trace.Name);
                }

                var bytesMax = (long)(SizeShare * trace.Items.Take(Traces.Population).Sum(static i => (long)i.Bytes));
                foreach (var policy in Policies)
                {
                    Add(trace.Name, policy.ToString(), Replay.Run(trace, policy, bytesMax, (ulong)seed));
                }

                Add(trace.Name, "Belady's rule", Farthest.Run(trace, bytesMax));
                Add(trace.Name, "bound", SpaceTimeBound.Of(trace, bytesMax));
            }
        }

        string[] contestants = [.. Policies.Select(static p => p.ToString()), "Belady's rule", "bound"];
        List<ReportTable> tables =
        [
            Table("Hit ratio, requests", static r => r.Requests),
            Table("Hit ratio, bytes", static r => r.Bytes),
            Table("Compute time saved", static r => r.TimeSaved),
        ];
        return new SuiteReport("cache", Machine.Describe(), tables, []);

        void Add(string trace, string contestant, HitRatios ratios)
        {
            var sum = mean.GetValueOrDefault((trace, contestant));
            mean[(trace, contestant)] = new HitRatios(
                sum.Requests + (ratios.Requests / _seeds.Length), sum.Bytes + (ratios.Bytes / _seeds.Length), sum.TimeSaved + (ratios.TimeSaved / _seeds.Length));
        }

        ReportTable Table(string title, Func<HitRatios, double> figure) => new(
            title,
            ["traffic", .. contestants],
            [.. names.Select(name => (IReadOnlyList<string>)
                [name, .. contestants.Select(c => FormattableString.Invariant($"{100 * figure(mean[(name, c)]):0.00}"))])]);
    }
}
