using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceRuntime.Contract;

namespace InferenceOperator.Metrics;

/// <summary>Puts the series of many replicas back together into what each replica said at each scrape. Pure.</summary>
internal static class PrometheusSamples
{
    /// <summary>Most scrapes of one replica that are kept, the newest ones.</summary>
    public const int ScrapesMax = 64;

    /// <param name="series">The answer.</param>
    /// <param name="sloSeconds">The threshold that attainment is wanted for; null: none.</param>
    /// <returns>Samples by replica and time; a replica that two jobs scrape is taken from the one with the newest sample.</returns>
    public static ImmutableArray<ReplicaSample> Of(ImmutableArray<PrometheusSeries> series, double? sloSeconds)
    {
        var samples = ImmutableArray.CreateBuilder<ReplicaSample>();
        foreach (var replica in series.GroupBy(static s => s.Label(MetricLabels.Replica) ?? "", StringComparer.Ordinal).Where(static g => g.Key.Length > 0).OrderBy(static g => g.Key, StringComparer.Ordinal))
        {
            var scraper = replica
                .GroupBy(static s => (s.Label("job"), s.Label("instance")))
                .MaxBy(static g => g.Max(static s => s.Points.IsEmpty ? DateTimeOffset.MinValue : s.Points[^1].At))!; // A group is never empty.
            samples.AddRange(OfOne(replica.Key, scraper, sloSeconds));
        }

        return samples.ToImmutable();
    }

    /// <summary>All series of one scrape have the same time, which Prometheus gives them.</summary>
    private static IEnumerable<ReplicaSample> OfOne(string replica, IEnumerable<PrometheusSeries> series, double? sloSeconds)
    {
        var scrapes = new SortedDictionary<DateTimeOffset, List<PrometheusSample>>();
        foreach (var one in series)
        {
            foreach (var (at, value) in one.Points)
            {
                if (!scrapes.TryGetValue(at, out var scrape))
                {
                    scrapes[at] = scrape = [];
                }

                scrape.Add(new PrometheusSample(one.Name, one.Labels, value));
            }
        }

        return scrapes.Skip(Math.Max(0, scrapes.Count - ScrapesMax))
            .Select(scrape => (At: scrape.Key, Counters: ReplicaCountersReader.Read(scrape.Value, sloSeconds)))
            .Where(static scrape => scrape.Counters is not null)
            .Select(scrape => new ReplicaSample(replica, scrape.At, MetricSource.Prometheus, scrape.Counters!)); // Filtered the line before.
    }
}
