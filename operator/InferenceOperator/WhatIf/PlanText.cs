using System.Globalization;
using System.Text;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.WhatIf;
using InferenceOperator.Decisions.Explain;
using InferenceOperator.Tables;

namespace InferenceOperator.WhatIf;

/// <summary>Answers of the command <c>plan</c> for people.</summary>
/// <param name="options">What was asked.</param>
internal sealed class PlanText(PlanOptions options)
{
    /// <summary>All answers, and whether the SLO is held at every rate.</summary>
    public (string Text, bool Holds) Render()
    {
        var answers = options.Rates.Select(rate => (Rate: rate, Answer: LoadPlanner.Of(options.Question with { RequestsPerSecond = rate }))).ToList();
        var text = new StringBuilder().Append(Title()).Append("\n\n");
        if (answers[0].Answer.Verdict is SloVerdict.Infeasible infeasible)
        {
            text.Append("The SLO cannot be held: ").Append(infeasible.Detail).Append(".\n");
            text.Append("The nearest target that can be held is ").Append(Figures.Time(infeasible.NearestSeconds)).Append("; the operator keeps replicas at 70 % of what they can do, as shown.\n\n");
        }

        if (answers.Count == 1)
        {
            One(text, answers[0].Answer);
        }
        else
        {
            Sweep(text, answers);
        }

        return (text.ToString(), answers.All(static a => a.Answer.Chosen.Holds));
    }

    private string Title()
    {
        var q = options.Question;
        var rates = string.Join(", ", options.Rates.Select(static r => Number(r)));
        var slo = q.Slo is { } s ? $"p{s.Latency.Percentile} within {s.Latency.Target}" : "no SLO, replicas at 70 %";
        var load = string.Create(CultureInfo.InvariantCulture, $"{rates} requests/s of {Number(q.RowsPerRequest)} {(q.RowsPerRequest == 1 ? "row" : "rows")}, {slo}; {Figures.Line(q.Service)}{(q.Service.RelativeNoise > 0 ? $" ± {100 * q.Service.RelativeNoise:0.#} %" : "")}.");
        return string.Join('\n', [load, .. q.Variants.Select(Variant)]);
    }

    private string Variant(LoadVariant variant)
    {
        var floor = options.Question.AccuracyFloor;
        var accuracy = variant.Accuracy?.ToString("0.####", CultureInfo.InvariantCulture) ?? "not known";
        var isOut = floor is not null && !(variant.Accuracy >= floor);
        return string.Create(CultureInfo.InvariantCulture, $"{variant.Name}: {Figures.Line(variant.Service)}, accuracy {accuracy}{(isOut ? $"; may not answer, at least {floor:0.####} is asked for" : "")}.");
    }

    private string[] Answers(string text) => options.Question.Variants.IsEmpty ? [] : [text];

    private void One(StringBuilder text, LoadAnswer answer)
    {
        var table = new TextTable([" ", .. Answers("answers"), "batch", "s(b)", "rows/s a replica", "replicas", Percentile(), .. CostHeadings(), " "]);
        foreach (var o in answer.Options)
        {
            table.Add([o == answer.Chosen ? "→" : "", .. Answers(o.Variant), $"{o.MaxBatch}", Figures.Time(o.ServiceSeconds), Number(o.Capacity), $"{o.Replicas}", Latency(o), .. Costs(o), Remark(o)]);
        }

        Append(text, table);
        text.Append(CultureInfo.InvariantCulture, $"\n→ what the operator comes to: {(options.Question.Variants.IsEmpty ? "" : $"{answer.Chosen.Variant} answers, ")}batch limit {answer.Chosen.MaxBatch}, {answer.Chosen.Replicas} {(answer.Chosen.Replicas == 1 ? "replica" : "replicas")}. It says on the way:\n");
        foreach (var reason in answer.Reasons)
        {
            text.Append("  ").Append(reason).Append('\n');
        }
    }

    private void Sweep(StringBuilder text, List<(double Rate, LoadAnswer Answer)> answers)
    {
        var table = new TextTable(["requests/s", .. Answers("answers"), "batch", "rows/s a replica", "replicas", Percentile(), .. CostHeadings(), " "]);
        foreach (var (rate, answer) in answers)
        {
            var o = answer.Chosen;
            table.Add([Number(rate), .. Answers(o.Variant), $"{o.MaxBatch}", Number(o.Capacity), $"{o.Replicas}", Latency(o), .. Costs(o), Remark(o)]);
        }

        Append(text, table);
        text.Append("\nEach row is what the operator comes to under that rate; with a single --rate it says why.\n");
    }

    private static void Append(StringBuilder text, TextTable table)
    {
        foreach (var line in table.Lines())
        {
            text.Append(line).Append('\n');
        }
    }

    private string[] CostHeadings() => [.. options.GpusPerReplica > 0 ? (string[])["GPUs"] : [], .. options.PricePerHour is null ? (string[])[] : ["per hour"]];

    private string[] Costs(LoadOption o)
    {
        var devices = o.Replicas * Math.Max(1, options.GpusPerReplica);
        return
        [
            .. options.GpusPerReplica > 0 ? (string[])[$"{devices}"] : [],
            .. options.PricePerHour is { } price ? (string[])[(devices * price).ToString("0.00", CultureInfo.InvariantCulture)] : [],
        ];
    }

    private string Remark(LoadOption o) =>
        o.Required > o.Replicas && o.Replicas >= options.Question.ReplicasMax ? $"{o.Required} are needed"
        : o.Holds || options.Question.Slo is null ? ""
        : "misses the SLO";

    private string Percentile() => $"p{options.Question.Slo?.Latency.Percentile ?? "99"}";

    private static string Latency(LoadOption o) => o.LatencySeconds is { } seconds ? Figures.Time(seconds) : "∞";

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
