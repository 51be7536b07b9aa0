using System.Collections.Immutable;
using InferenceOperator.Core.Simulation.Runs;
using Spectre.Console;

namespace InferenceOperator.Simulate;

/// <summary>The results on the terminal: the figures that decide, a row for each policy.</summary>
internal static class ResultTable
{
    private static readonly string[] Shown =
    [
        "attainment_percent", "violations", "p99_ms", "good_minutes_percent", "gpu_hours", "gpu_hours_over_bound", "scale_actions_per_hour", "reversals_per_hour", "recovery_p95_s",
    ];

    public static Table Of(ImmutableArray<RunResult> results)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn("policy") { NoWrap = true });
        var figures = Shown.Select(static name => ResultFigure.All.Single(f => f.Name == name)).ToArray();
        foreach (var figure in figures)
        {
            table.AddColumn(new TableColumn(Markup.Escape(figure.Title)) { Alignment = Justify.Right });
        }

        foreach (var runs in results.GroupBy(static r => r.Policy))
        {
            table.AddRow([new Text(runs.Key), .. figures.Select(f => new Text(FigureText.Of(f, f.Over(runs), runs.Count() > 1)))]);
        }

        return table;
    }
}
