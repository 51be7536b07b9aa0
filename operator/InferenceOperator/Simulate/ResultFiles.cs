using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using InferenceOperator.Core.Simulation.Runs;

namespace InferenceOperator.Simulate;

/// <summary>The results as CSV: a header, a point as the decimal sign, <c>inf</c> for latencies among the refused.</summary>
internal static class ResultFiles
{
    /// <summary>A row for each policy and seed.</summary>
    public static string Runs(ImmutableArray<RunResult> results)
    {
        var text = new StringBuilder("policy,seed,").AppendJoin(',', ResultFigure.All.Select(static f => f.Name)).Append('\n');
        foreach (var result in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"{result.Policy},{result.Seed},")
                .AppendJoin(',', ResultFigure.All.Select(f => Number(f.Of(result)))).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A row for each policy and interval of the first seed.</summary>
    public static string Series(ImmutableArray<RunResult> results)
    {
        var text = new StringBuilder("policy,seed,end_s,rate_per_s,wanted,ready,paid,needed,latency_ms,violations,max_batch,burst_share\n");
        foreach (var result in results)
        {
            foreach (var p in result.Series)
            {
                text.Append(CultureInfo.InvariantCulture, $"{result.Policy},{result.Seed},{p.At},{p.Rate},{p.Wanted},{p.Ready},{p.Paid},{p.Needed},");
                text.Append(CultureInfo.InvariantCulture, $"{(p.Latency is { } latency ? Number(1e3 * latency) : "")},{p.Violations},{p.MaxBatch},{p.BurstShare}\n");
            }
        }

        return text.ToString();
    }

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "inf" : value.ToString("0.######", CultureInfo.InvariantCulture);
}
