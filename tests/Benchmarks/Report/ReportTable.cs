namespace InferenceOperator.Benchmarks.Report;

/// <summary>A table of measured figures; every row has one text for each column.</summary>
internal sealed record ReportTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Writes the table in Markdown.</summary>
    public void WriteTo(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"### {Title}");
        output.WriteLine();
        output.WriteLine($"| {string.Join(" | ", Columns)} |");
        output.WriteLine($"|{string.Concat(Columns.Select(static _ => "---|"))}");
        foreach (var row in Rows)
        {
            output.WriteLine($"| {string.Join(" | ", row)} |");
        }
    }
}
