using InferenceOperator.Benchmarks.Report;
using InferenceRuntime.Contract;

namespace InferenceOperator.Benchmarks.Caching;

/// <summary>What is promised of the policies, for the share of requests and for the share of compute time alike.</summary>
internal static class CacheBars
{
    private const double Point = 0.01;

    private static readonly CachePolicy[] Fixed = [CachePolicy.LRU, CachePolicy.LFU, CachePolicy.SIEVE, CachePolicy.S3FIFO, CachePolicy.WTinyLFU];

    public static IEnumerable<Bar> Of(RatioTable table)
    {
        foreach (var (unit, figure) in ((string, Func<HitRatios, double>)[])[("requests", static r => r.Requests), ("time saved", static r => r.TimeSaved)])
        {
            foreach (var bar in Of(table, unit, figure))
            {
                yield return bar;
            }
        }
    }

    private static IEnumerable<Bar> Of(RatioTable table, string unit, Func<HitRatios, double> figure)
    {
        foreach (var trace in table.Traces)
        {
            if (trace.StartsWith("zipf", StringComparison.Ordinal))
            {
                yield return Least($"{trace}, {unit}: worst policy over LRU, points", -Point, Fixed.Append(CachePolicy.Learned).Min(Of) - Of(CachePolicy.LRU));
                yield return Above($"{trace}, {unit}: SIEVE over LRU, points", Of(CachePolicy.SIEVE) - Of(CachePolicy.LRU));
            }

            if (trace is "scan" or "mix")
            {
                yield return Above($"{trace}, {unit}: S3FIFO over LRU, points", Of(CachePolicy.S3FIFO) - Of(CachePolicy.LRU));
                yield return Above($"{trace}, {unit}: WTinyLFU over LRU, points", Of(CachePolicy.WTinyLFU) - Of(CachePolicy.LRU));
            }

            var lead = Of(CachePolicy.Learned) - Fixed.Max(Of);
            yield return trace == "shifting"
                ? Above($"{trace}, {unit}: Learned over the best fixed policy, points", lead)
                : Least($"{trace}, {unit}: Learned over the best fixed policy, points", -Point, lead);

            double Of(CachePolicy policy) => figure(table[trace, policy.ToString()]);
        }
    }

    private static Bar Least(string name, double target, double measured) =>
        new(name, FormattableString.Invariant($">= {100 * target:0.##}"), Points(measured), Verdict.Of(measured >= target));

    private static Bar Above(string name, double measured) => new(name, "> 0", Points(measured), Verdict.Of(measured > 0));

    private static string Points(double measured) => FormattableString.Invariant($"{100 * measured:0.00}");
}
