using System.Text.Json;

namespace InferenceOperator.Demo;

/// <summary>The whole load as its client saw it: the report that <c>inference-runtime bench --output</c> writes.</summary>
/// <param name="Due">Requests that fell due.</param>
/// <param name="Answered">Requests answered.</param>
/// <param name="Wrong">Answers that differ from what the model says to that row alone.</param>
/// <param name="Rate">Answered requests per second.</param>
internal sealed record LoadTotals(long Due, long Answered, long Wrong, double Rate)
{
    /// <summary>Reads a report.</summary>
    /// <exception cref="JsonException">It is no such report.</exception>
    public static LoadTotals Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var total = document.RootElement.GetProperty("total");
        return new LoadTotals(
            total.GetProperty("due").GetInt64(),
            total.GetProperty("answered").GetInt64(),
            total.GetProperty("wrong").GetInt64(),
            total.GetProperty("rate").GetDouble());
    }
}
