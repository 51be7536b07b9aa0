using System.Collections.Immutable;
using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>Ten agents on half the GPUs that they would need together: our division against equal shares, first come, and the best that there is.</summary>
/// <remarks>
/// By the latency model, minute by minute over the last four days of a trace: what a start-up costs is left out, for all alike. Each agent sees these days from another hour
/// on. What they need together is the most that they need at one time. Each asks <see cref="StepsPerMinute"/> times a minute, and what it runs at the minute's end is judged: by then
/// who lost a replica has heard of it.
/// </remarks>
/// <param name="trace">Fourteen days of rates.</param>
internal sealed class ScarcityPart(RateProfile trace)
{
    private const double Day = 86_400;
    private const double Minute = 60;
    private const int Seed = 67;

    /// <summary>As often as the operator's loops step.</summary>
    private const int StepsPerMinute = 4;

    /// <summary>Mean replicas that each of them needs by itself.</summary>
    private static readonly double[] Sizes = [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6];

    /// <summary>Three kinds of models with their SLOs.</summary>
    private static readonly (ServiceFit Service, double SloSeconds)[] Kinds =
    [
        (new() { Fixed = 0.006, PerRow = 0.0005, Noise = 0.05 }, 0.05),
        (new() { Fixed = 0.002, PerRow = 0.002, Noise = 0.05 }, 0.3),
        (new() { Fixed = 0.01, PerRow = 0.0002, Noise = 0.05 }, 0.06),
    ];

    /// <summary>Runs it: what each division did, and the bars.</summary>
    public (ReportTable Table, ImmutableArray<Bar> Bars) Run()
    {
        var models = Sizes.Select((size, i) => new SharedModel(
            FormattableString.Invariant($"agent-{i}"), From(i * Day * 4 / Sizes.Length), size, Kinds[i % Kinds.Length].Service, Kinds[i % Kinds.Length].SloSeconds)).ToList();
        var need = Minutes().Max(now => models.Sum(m => m.NeededAt(now)));
        var results = Enum.GetValues<DivisionRule>().Select(rule => Run(models, rule, need / 2)).ToList();
        var title = $"ten agents on {need / 2} GPUs, half of the {need} that they would need together at their busiest";
        var ours = results[0].LostUtility.Average();
        return (Compared(title, results),
        [
            Bar.AtMost($"{title}: lost utility over equal shares'", 0.5, ours / results[1].LostUtility.Average()),
            Bar.AtMost($"{title}: lost utility over first come's", 0.5, ours / results[2].LostUtility.Average()),
            Bar.AtMost($"{title}: lost utility over the best division's", 1.05, ours / results[3].LostUtility.Average()),
        ]);
    }

    private static IEnumerable<double> Minutes() => Enumerable.Range(0, (int)(4 * Day / Minute)).Select(static m => (m + 0.5) * Minute);

    private static SharedResult Run(List<SharedModel> models, DivisionRule rule, int gpus)
    {
        var divider = new Divider(rule, gpus, models.Count);
        var (random, order) = (new Random(Seed), models.ToArray());
        var (lost, given, moves) = (new double[models.Count], 0.0, 0);
        foreach (var now in Minutes())
        {
            for (var step = 0; step < StepsPerMinute; step++)
            {
                // Loops run apart: each time they come in another order.
                random.Shuffle(order);
                foreach (var model in order)
                {
                    moves += Ask(divider, model, now);
                }
            }

            for (var i = 0; i < models.Count; i++)
            {
                var replicas = divider.HeldBy(models[i].Name);
                lost[i] += 1 - models[i].UtilityAt(now, replicas)[replicas];
                given += replicas;
            }
        }

        var minutes = 4 * Day / Minute;
        return new(rule, [.. lost.Select(l => l / minutes)], given / minutes, moves * 60 / minutes);
    }

    /// <summary>One agent asks; gives how many replicas it lost that it wanted.</summary>
    private static int Ask(Divider divider, SharedModel model, double now)
    {
        var (held, wanted) = (divider.HeldBy(model.Name), model.NeededAt(now));
        divider.Divide(new ReplicaAsk
        {
            Agent = model.Name, Namespace = "", Resource = "gpu", GpusPerReplica = 1, MinReplicas = 1, Held = held, Wanted = wanted, Utility = model.UtilityAt(now, wanted),
        });
        return Math.Max(0, Math.Min(held, wanted) - divider.HeldBy(model.Name));
    }

    /// <summary>The last four days from a time on, and round to it.</summary>
    private RateProfile From(double seconds)
    {
        var days = trace.Part(10 * Day, 14 * Day);
        return new([.. days.Part(seconds, 4 * Day).Segments, .. seconds > 0 ? days.Part(0, seconds).Segments : []]);
    }

    private static ReportTable Compared(string title, IReadOnlyList<SharedResult> results) => new(
        title,
        ["division", "lost utility", "of the worst agent", "GPUs given, mean", "replicas moved / h"],
        [
            .. results.Select(static r => (IReadOnlyList<string>)
            [
                r.Rule.ToString(),
                FormattableString.Invariant($"{r.LostUtility.Average():0.0000}"),
                FormattableString.Invariant($"{r.LostUtility.Max():0.0000}"),
                FormattableString.Invariant($"{r.MeanGpus:0.0}"),
                FormattableString.Invariant($"{r.MovesPerHour:0.00}"),
            ]),
        ]);
}
