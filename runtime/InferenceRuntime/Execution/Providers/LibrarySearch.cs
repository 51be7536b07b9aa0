using System.Runtime.InteropServices;

namespace InferenceRuntime.Execution.Providers;

/// <summary>Looks for libraries where the system's loader does, and then where CUDA is usually installed.</summary>
/// <param name="folders">Looked through in this order, after the loader's places.</param>
/// <remarks>A library that was found stays loaded: what is loaded later and asks for it by its name gets this one.</remarks>
internal sealed class LibrarySearch(IReadOnlyList<string> folders)
{
    /// <summary>Folders, separated by colons, that are looked through before the usual ones.</summary>
    public const string FoldersVariable = "CUDA_LIBS";

    private static readonly string[] Usual =
        ["/usr/local/cuda/lib64", "/usr/local/cuda/targets/x86_64-linux/lib", "/usr/lib/x86_64-linux-gnu", "/usr/local/lib", "/opt/tensorrt/lib"];

    /// <summary>The search of this process.</summary>
    public static LibrarySearch Default { get; } = new(
        [.. (Environment.GetEnvironmentVariable(FoldersVariable) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), .. Usual]);

    /// <summary>What is missing of <paramref name="names"/> and where it was looked for; null: they are all loaded.</summary>
    /// <param name="names">Names of files, those first that others need.</param>
    public string? Lack(IEnumerable<string> names)
    {
        var missing = names.Where(name => !TryLoad(name)).ToList();
        var path = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") is { Length: > 0 } told ? $"LD_LIBRARY_PATH={told}" : "LD_LIBRARY_PATH is not set";
        return missing.Count == 0
            ? null
            : $"{string.Join(", ", missing)} cannot be loaded: looked for by the system's loader ({path}) and in {string.Join(", ", folders)}";
    }

    private bool TryLoad(string name) =>
        NativeLibrary.TryLoad(name, out _) || folders.Any(folder => NativeLibrary.TryLoad(Path.Combine(folder, name), out _));
}
