using InferenceOperator.Testing.Servers;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Images;

/// <summary>The trees that <c>images/tree</c> makes, once for all tests that run programs from them.</summary>
public sealed class ImageTrees : IDisposable
{
    /// <summary>The user and group that images run as.</summary>
    public const string User = "65532";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Task<string>> _trees = [];

    /// <summary>The tree's folder, made at the first call.</summary>
    public Task<string> OfAsync(string image)
    {
        lock (_trees)
        {
            return _trees.TryGetValue(image, out var tree) ? tree : _trees[image] = MakeAsync(image);
        }
    }

    /// <summary>The command line that runs a program with no more than a container gives it: no environment, and not as root.</summary>
    public static string[] Contained(string program, params IEnumerable<string> arguments) => Contained([], program, arguments);

    /// <summary>The same with variables, each NAME=VALUE.</summary>
    public static string[] Contained(IReadOnlyList<string> environment, string program, IEnumerable<string> arguments) =>
    [
        .. Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=" + User, "--regid=" + User, "--clear-groups", "--no-new-privs"] : Array.Empty<string>(),
        "env", "-i", "DOTNET_ROOT=" + DotnetRoot, "DOTNET_EnableDiagnostics=0", .. environment, program, .. arguments,
    ];

    public void Dispose() => _folder.Dispose();

    private static string DotnetRoot => Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private async Task<string> MakeAsync(string image)
    {
        var tree = _folder.File(image);
        await Shell.OutputOfAsync(Repository.File("images", "tree"), null, image, tree);

        // The folder of the test is its owner's alone; an image's root is everybody's.
        await Shell.OutputOfAsync("chmod", null, "go+rx", _folder.Path);
        return tree;
    }
}
