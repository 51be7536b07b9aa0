using System.Text.Json;

namespace InferenceOperator.Benchmarks.Report;

/// <summary>All that a suite found: tables for people, and last the bars.</summary>
internal sealed record SuiteReport(string Suite, string Machine, IReadOnlyList<ReportTable> Tables, IReadOnlyList<Bar> Bars)
{
    /// <summary>Prints the tables and the bars in Markdown.</summary>
    public void WriteTo(TextWriter output)
    {
        output.WriteLine($"## {Suite}");
        output.WriteLine();
        output.WriteLine($"Machine: {Machine}");
        foreach (var table in Tables)
        {
            table.WriteTo(output);
        }

        new ReportTable(
            "Bars",
            ["name", "target", "measured", "holds"],
            [.. Bars.Select(static bar => (IReadOnlyList<string>)[bar.Name, bar.Target, bar.Measured, bar.Holds is Verdict.NotMeasurable { Reason: var reason } ? $"{bar.Holds.Word}: {reason}" : bar.Holds.Word])]).WriteTo(output);
    }

    /// <summary>Writes <c>{suite, machine, bars, rows}</c>; a row is an object with the table's title and its columns.</summary>
    public void WriteJson(Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("suite", Suite);
        json.WriteString("machine", Machine);
        json.WriteStartArray("bars");
        foreach (var bar in Bars)
        {
            json.WriteStartObject();
            json.WriteString("name", bar.Name);
            json.WriteString("target", bar.Target);
            json.WriteString("measured", bar.Measured);
            json.WriteString("holds", bar.Holds.Word);
            if (bar.Holds is Verdict.NotMeasurable { Reason: var reason })
            {
                json.WriteString("reason", reason);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (var table in Tables)
        {
            foreach (var row in table.Rows)
            {
                json.WriteStartObject();
                json.WriteString("table", table.Title);
                for (var i = 0; i < table.Columns.Count; i++)
                {
                    json.WriteString(table.Columns[i], row[i]);
                }

                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
