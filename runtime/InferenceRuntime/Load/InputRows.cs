using System.Globalization;

namespace InferenceRuntime.Load;

/// <summary>Rows to send: numbers from a CSV file or drawn at random.</summary>
/// <param name="Rows">At least one row; each with as many values as a row of the input has elements.</param>
internal sealed record InputRows(IReadOnlyList<double[]> Rows)
{
    /// <summary>Most rows that are read from a file.</summary>
    public const int RowsMax = 1_000_000;

    /// <summary>Reads one row a line; columns beyond the input's row, such as labels, are left out.</summary>
    /// <param name="path">The file; no header line.</param>
    /// <param name="elements">Elements of a row of the input.</param>
    /// <param name="scale">Each value is multiplied by this.</param>
    /// <exception cref="FormatException">A line is too short or holds something that is no number; the message names the line.</exception>
    public static InputRows FromCsv(string path, long elements, double scale)
    {
        var rows = new List<double[]>();
        foreach (var line in File.ReadLines(path))
        {
            if (rows.Count == RowsMax)
            {
                break;
            }

            rows.Add(ParseLine(line, elements, scale, rows.Count + 1));
        }

        return rows.Count > 0 ? new InputRows(rows) : throw new FormatException($"{Path.GetFileName(path)} has no rows");
    }

    /// <summary>Draws <paramref name="count"/> rows: whole numbers 0 to 9 for integer types, 0 to 1 otherwise.</summary>
    public static InputRows Drawn(ServedModelFacts model, int count, int seed)
    {
        var random = new Random(seed);
        var whole = model.Datatype.Contains("INT", StringComparison.Ordinal) || model.Datatype == "BOOL";
        var rows = new double[count][];
        for (var i = 0; i < count; i++)
        {
            rows[i] = new double[model.RowElements];
            for (var j = 0; j < rows[i].Length; j++)
            {
                rows[i][j] = whole ? random.Next(model.Datatype == "BOOL" ? 2 : 10) : random.NextDouble();
            }
        }

        return new InputRows(rows);
    }

    private static double[] ParseLine(string line, long elements, double scale, int number)
    {
        var row = new double[elements];
        var filled = 0;
        foreach (var range in line.AsSpan().Split(','))
        {
            if (filled == row.Length)
            {
                break;
            }

            if (!double.TryParse(line.AsSpan()[range], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                throw new FormatException($"line {number}, column {filled + 1}: '{line[range]}' is not a number");
            }

            row[filled++] = value * scale;
        }

        return filled == row.Length ? row : throw new FormatException($"line {number}: {filled} columns, the input needs {elements}");
    }
}
