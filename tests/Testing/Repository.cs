namespace InferenceOperator.Testing;

/// <summary>
/// Where the repository lies: the nearest folder above the tests that holds the solution. Never from the compiler's file names: a
/// deterministic build on CI writes <c>/_/</c> there.
/// </summary>
public static class Repository
{
    /// <summary>The repository's root folder.</summary>
    /// <exception cref="InvalidOperationException">The tests do not lie in the repository.</exception>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>A file or folder by its path inside the repository.</summary>
    public static string File(params ReadOnlySpan<string> path) => Path.Combine([Root, .. path]);

    /// <summary>The file of a program of the repository, built in the configuration of the tests.</summary>
    public static string Program(string project, string name) =>
        File("artifacts", "bin", project, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), name);

    private static string Find(string? folder)
    {
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder, "InferenceOperator.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests do not lie in the repository");
    }
}
