namespace InferenceRuntime.Execution;

/// <summary>Where files really are, once all links are followed.</summary>
internal static class RealPath
{
    /// <summary>Links that are followed before a path counts as a circle; as many as Linux follows.</summary>
    private const int LinksMax = 40;

    /// <param name="path">Any path; what it names need not exist.</param>
    /// <returns>Absolute and without links; null: the links go in a circle, or a folder cannot be read.</returns>
    public static string? Of(string path)
    {
        var left = new Stack<string>();
        var real = Push(left, Path.GetFullPath(path));
        var links = 0;
        while (left.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, part);
            string? target;
            try
            {
                target = new FileInfo(next).LinkTarget;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null;
            }

            if (target is null)
            {
                real = next;
            }
            else if (++links > LinksMax)
            {
                return null;
            }
            else
            {
                real = Path.IsPathRooted(target) ? Push(left, target) : PushRelative(left, target, real);
            }
        }

        return real;
    }

    /// <summary>Whether a file lies below a folder, both absolute and without links.</summary>
    public static bool LiesIn(string path, string folder)
    {
        var end = Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar;
        return path.StartsWith(end == "//" ? "/" : end, StringComparison.Ordinal);
    }

    private static string Push(Stack<string> left, string absolute) => PushRelative(left, absolute, Path.GetPathRoot(absolute) ?? "/");

    private static string PushRelative(Stack<string> left, string path, string at)
    {
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse().Where(static part => part != "."))
        {
            left.Push(part);
        }

        return at;
    }
}
