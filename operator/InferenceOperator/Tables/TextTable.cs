using System.Text;

namespace InferenceOperator.Tables;

/// <summary>A table in plain text: columns as wide as what stands in them, two spaces between, numbers to the right.</summary>
/// <param name="headings">One for each column; a heading that begins with a space stands over a column of text, to the left.</param>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row.</summary>
    /// <param name="cells">As many as there are headings.</param>
    public void Add(params string[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, headings.Length);
        _rows.Add(cells);
    }

    /// <summary>The lines, heading first, without spaces at their ends.</summary>
    public IEnumerable<string> Lines()
    {
        string[][] all = [[.. headings.Select(static h => h.TrimStart())], .. _rows];
        var widths = headings.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Length; column++)
            {
                var isText = headings[column].StartsWith(' ');
                line.Append(column > 0 ? "  " : "").Append(isText ? row[column].PadRight(widths[column]) : row[column].PadLeft(widths[column]));
            }

            yield return line.ToString().TrimEnd();
        }
    }
}
