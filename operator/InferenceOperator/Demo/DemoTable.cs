using Spectre.Console;
using static System.FormattableString;

namespace InferenceOperator.Demo;

/// <summary>The demo's live table; plain lines where the output is no terminal.</summary>
internal sealed class DemoTable(IAnsiConsole console, TimeSpan slo)
{
    private const int RowsShown = 20;

    private static readonly string[] Columns = ["t", "phase", "rate/s", "p50 ms", "p99 ms", "batch", "replicas", "SLO", "last decision, and why"];
    private static readonly string[] Phases = ["low", "HIGH", "low again"];

    private readonly List<DemoSecond> _seconds = [];

    /// <summary>All rows so far.</summary>
    public IReadOnlyList<DemoSecond> Seconds => _seconds;

    /// <summary>Shows rows as they come until they end.</summary>
    public async Task ShowAsync(IAsyncEnumerable<DemoSecond> seconds, CancellationToken cancellationToken)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            console.WriteLine(string.Join("  ", Columns));
            var said = "";
            await foreach (var second in seconds.WithCancellation(cancellationToken))
            {
                _seconds.Add(second);
                console.WriteLine(string.Join("  ", Cells(second with { Decision = second.Decision == said ? "" : second.Decision })));
                said = second.Decision;
            }

            return;
        }

        await console.Live(Render()).StartAsync(async live =>
        {
            await foreach (var second in seconds.WithCancellation(cancellationToken))
            {
                _seconds.Add(second);
                live.UpdateTarget(Render());
            }
        });
    }

    private Table Render()
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in Columns)
        {
            table.AddColumn(new TableColumn(column) { NoWrap = column != Columns[^1] });
        }

        foreach (var second in _seconds.TakeLast(RowsShown))
        {
            var cells = Cells(second);
            table.AddRow([.. cells.Select((cell, i) => Mark(cell, i, second))]);
        }

        return table;
    }

    private Markup Mark(string cell, int column, DemoSecond second)
    {
        var text = Markup.Escape(cell);
        return Columns[column] switch
        {
            "SLO" => new Markup(IsMet(second) ? $"[green]{text}[/]" : $"[red]{text}[/]"),
            "phase" when second.Load.Phase == 1 => new Markup($"[yellow]{text}[/]"),
            _ => new Markup(text),
        };
    }

    private string[] Cells(DemoSecond second) =>
    [
        Invariant($"{second.Load.Second,2}"),
        second.Load.Phase < 0 ? "warm-up" : Phases[Math.Min(second.Load.Phase, Phases.Length - 1)],
        Invariant($"{second.Load.Answered,5}"),
        Invariant($"{second.Load.P50.TotalMilliseconds,6:0.0}"),
        Invariant($"{second.Load.P99.TotalMilliseconds,6:0.0}"),
        Invariant($"{second.BatchLimit,3}"),
        second.ReadyReplicas == second.WantedReplicas ? Invariant($"{second.ReadyReplicas}") : Invariant($"{second.ReadyReplicas} of {second.WantedReplicas}"),
        IsMet(second) ? "met" : "MISSED",
        second.Decision,
    ];

    private bool IsMet(DemoSecond second) => second.Load.P99 <= slo;
}
