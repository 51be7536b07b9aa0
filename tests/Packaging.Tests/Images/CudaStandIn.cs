using InferenceOperator.Testing.Servers;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Images;

/// <summary>A folder of libraries that stand in for the driver's and CUDA's: every call that the provider asks for, most of which do nothing.</summary>
internal static class CudaStandIn
{
    // cuDNN is loaded by the provider itself, which then asks for these.
    private static readonly string[] Cudnn = ["cudnnCreate", "cudnnDestroy", "cudnnSetStream"];
    private static readonly string[] Libraries = ["libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libcurand.so.10", "libcudnn.so.9", "libcuda.so.1"];

    /// <summary>Compiles them for the provider in a tree.</summary>
    /// <param name="program">The tree's folder of the program.</param>
    public static async Task<TemporaryFolder> MakeAsync(string program)
    {
        var folder = new TemporaryFolder();
        var wanted = (await Shell.OutputOfAsync("nm", null, "-D", "--undefined-only", Path.Combine(program, "libonnxruntime_providers_cuda.so")))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Trim().Split(' ')[^1].Split('@', StringSplitOptions.RemoveEmptyEntries))
            .Where(static symbol => symbol.Length == 2).ToLookup(static symbol => symbol[1], static symbol => symbol[0]);
        var source = Repository.File("tests", "Packaging.Tests", "Images", "cuda-stand-in.c");
        var written = await File.ReadAllTextAsync(source);
        foreach (var library in Libraries)
        {
            var isRuntime = library == "libcudart.so.13";
            var rest = (library == "libcudnn.so.9" ? Cudnn : wanted[library]).Where(name => !isRuntime || (!written.Contains($" {name}(", StringComparison.Ordinal) && !written.Contains($"*{name}(", StringComparison.Ordinal)));
            var text = string.Join('\n', rest.Select(static name => name.Contains("Create", StringComparison.Ordinal) && name.StartsWith("cu", StringComparison.Ordinal) && !name.StartsWith("cuda", StringComparison.Ordinal)
                ? $"int {name}(void **handle) {{ *handle = (void *)4096; return 0; }}"
                : $"int {name}() {{ return 0; }}"));
            var code = folder.Write($"{library}.c", $"{(isRuntime ? written : "")}\n{text}\n");
            var versions = folder.Write($"{library}.map", $"{library} {{ global: *; }};\n");
            await Shell.OutputOfAsync("cc", null, "-w", "-shared", "-fPIC", "-o", folder.File(library), code, $"-Wl,-soname,{library}", $"-Wl,--version-script,{versions}");
        }

        await Shell.OutputOfAsync(
            "cc", null, "-w", "-shared", "-fPIC", "-o", folder.File("libnvidia-ml.so.1"), Repository.File("tests", "InferenceRuntime.Tests", "Execution", "Devices", "nvml-stand-in.c"), "-Wl,-soname,libnvidia-ml.so.1");
        await Shell.OutputOfAsync("chmod", null, "-R", "go+rX", folder.Path);
        return folder;
    }
}
