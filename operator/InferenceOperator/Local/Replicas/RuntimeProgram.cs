using System.Collections.Immutable;

namespace InferenceOperator.Local.Replicas;

/// <summary>The program <c>inference-runtime</c> on this machine.</summary>
/// <param name="Program">What is started.</param>
/// <param name="Arguments">What stands before the runtime's own arguments: its assembly, when <paramref name="Program"/> is <c>dotnet</c>.</param>
internal sealed record RuntimeProgram(string Program, ImmutableArray<string> Arguments)
{
    /// <summary>Environment variable that names the program's file.</summary>
    public const string Variable = "INFERENCE_RUNTIME";

    private const string Name = "inference-runtime";

    /// <summary>
    /// Finds the program: the file given, else the one that the environment names, else beside this program, else where the build
    /// puts it beside this program's folder, else on the PATH.
    /// </summary>
    /// <param name="given">The file from the command line, or null.</param>
    /// <param name="baseFolder">Where this program lies.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="error">What is wrong when null is returned.</param>
    public static RuntimeProgram? Find(string? given, string baseFolder, Func<string, string?> environment, out string error)
    {
        error = "";
        var named = given ?? environment(Variable);
        if (!string.IsNullOrEmpty(named))
        {
            var file = Path.GetFullPath(named);
            error = File.Exists(file) ? "" : $"{file}: there is no such file; it was named as the program {Name}";
            return error.Length == 0 ? Of(file, environment) : null;
        }

        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(baseFolder));
        string[] places =
        [
            baseFolder,
            Path.Combine(baseFolder, "..", "runtime"),
            Path.Combine(baseFolder, "..", "..", "InferenceRuntime", configuration),
            .. (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        ];
        var found = places.Select(place => Path.GetFullPath(Path.Combine(place, Name))).FirstOrDefault(File.Exists);
        error = found is null
            ? $"the program {Name} was not found: name its file with --runtime or {Variable}, or put it beside this program or on the PATH"
            : "";
        return found is null ? null : Of(found, environment);
    }

    private static RuntimeProgram Of(string file, Func<string, string?> environment) =>
        file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            ? new RuntimeProgram(environment("DOTNET_HOST_PATH") is { Length: > 0 } dotnet ? dotnet : "dotnet", [file])
            : new RuntimeProgram(file, []);
}
