using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Simulation.Runs;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>Ten agents on half the GPUs that they would need together: our division against equal shares and against first come.</summary>
/// <param name="trace">Fourteen days of rates; the last four are used.</param>
/// <param name="hours">How long, at most 9.</param>
internal sealed class ScarcityPart(RateProfile trace, double hours)
{
    /// <summary>Mean replicas that each of them needs by itself.</summary>
    private static readonly double[] Sizes = [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6];

    /// <summary>Three kinds of models with their SLOs: slow enough that a day of requests is soon served.</summary>
    private static readonly (ServiceFit Service, double SloSeconds)[] Kinds =
    [
        (new() { Fixed = 0.06, PerRow = 0.005, Noise = 0.05 }, 0.5),
        (new() { Fixed = 0.02, PerRow = 0.02, Noise = 0.05 }, 0.25),
        (new() { Fixed = 0.1, PerRow = 0.002, Noise = 0.05 }, 0.4),
    ];

    public IEnumerable<ReportTable> Tables { get; private set; } = [];

    public IEnumerable<Bar> Run()
    {
        var models = Models();
        var free = SharedGpus.Run(models, DivisionRule.Unbounded, int.MaxValue);
        var (bars, tables) = (new List<Bar>(), new List<ReportTable>());
        foreach (var (name, need) in new[] { ("at their peak", (double)free.WantedPeak), ("on the average", free.WantedMean) })
        {
            var gpus = (int)(need / 2);
            var results = new[] { DivisionRule.ByUtility, DivisionRule.EqualShares, DivisionRule.FirstCome }.Select(rule => SharedGpus.Run(models, rule, gpus)).ToList();
            var title = $"ten agents on {gpus} GPUs, half of what they need together {name}";
            tables.Add(Table(title, [free, .. results]));
            var ours = results[0].LostUtility.Average();
            bars.Add(Bar.AtMost($"{title}: lost utility over equal shares'", 0.5, ours / results[1].LostUtility.Average()));
            bars.Add(Bar.AtMost($"{title}: lost utility over first come's", 0.5, ours / results[2].LostUtility.Average()));
        }

        Tables = tables;
        return bars;
    }

    private List<SharedModel> Models() =>
    [
        .. Sizes.Select((size, i) =>
        {
            // Nine hours apart in four days: their peaks do not come together, and none is known from another.
            var from = ((10 * 24) + (9 * i)) * 3600.0;
            var (service, slo) = Kinds[i % Kinds.Length];
            var part = trace.Part(from, from + (hours * 3600));
            var capacity = ReplicaCapacity.Find(new PlantSettings { Service = service }, slo, 0.99).Rate;
            return new SharedModel(FormattableString.Invariant($"agent-{i}"), trace.Part(from, from + (hours * 3600), size * capacity / part.MeanRate()), service, slo);
        }),
    ];

    private static ReportTable Table(string title, IReadOnlyList<SharedResult> results) => new(
        title,
        ["division", "lost utility", "worst agent", "attainment, %", "GPU-hours", "scale actions / h", "wanted, mean", "wanted, peak"],
        [
            .. results.Select(static r => (IReadOnlyList<string>)
            [
                r.Rule.ToString(),
                FormattableString.Invariant($"{r.LostUtility.Average():0.0000}"),
                FormattableString.Invariant($"{r.LostUtility.Max():0.000}"),
                FormattableString.Invariant($"{100 * r.Attainment.Average():0.00}"),
                FormattableString.Invariant($"{r.GpuHours:0.0}"),
                FormattableString.Invariant($"{r.ScaleActionsPerHour:0.0}"),
                FormattableString.Invariant($"{r.WantedMean:0.0}"),
                FormattableString.Invariant($"{r.WantedPeak}"),
            ]),
        ]);
}
