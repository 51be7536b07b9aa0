namespace InferenceOperator.Core.Schema;

/// <summary>Finds the known name that a mistyped one was meant to be.</summary>
internal static class Spelling
{
    /// <summary>A clause to append to an error, or nothing.</summary>
    public static string DidYouMean(string written, IEnumerable<string> known) =>
        Nearest(written, known) is { } name ? $"; did you mean '{name}'?" : "";

    /// <summary>The nearest name, when it is near enough: at most a third of its letters differ. Null: none is.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        if (written.Length > 64)
        {
            return null;
        }

        var best = known
            .Select(name => (Name: name, Distance: Distance(written, name)))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault((Name: "", Distance: int.MaxValue));
        return best.Distance <= Math.Max(1, best.Name.Length / 3) && best.Distance <= 3 ? best.Name : null;
    }

    /// <summary>Letters to insert, remove, replace or swap with their neighbour, upper and lower case alike (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 2]) && char.ToLowerInvariant(a[i - 2]) == char.ToLowerInvariant(b[j - 1]))
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
