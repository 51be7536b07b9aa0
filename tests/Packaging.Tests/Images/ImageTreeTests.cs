using InferenceOperator.Testing.Servers;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Images;

/// <summary>What is in the images, run as they run it.</summary>
public sealed class ImageTreeTests(ImageTrees trees) : IClassFixture<ImageTrees>
{
    [ImageFact]
    public async Task The_operator_works_from_its_tree_without_root_home_or_environment()
    {
        var tree = await trees.OfAsync("operator");
        using var folder = new TemporaryFolder();
        var manifest = folder.Write("digits.yaml", await File.ReadAllTextAsync(Repository.File("config", "samples", "cluster", "digits.yaml")));
        await OpenAsync(folder);

        var command = ImageTrees.Contained(Path.Combine(tree, "app", "inference-operator"), "validate", manifest);
        var result = await Shell.RunAsync(command[0], null, command[1..]);
        Assert.True(result.Code == 0 && result.Output.Contains("is good", StringComparison.Ordinal), result.Output + result.Errors);
        var id = ImageTrees.Contained("id", "-u");
        Assert.NotEqual("0", (await Shell.OutputOfAsync(id[0], null, id[1..])).Trim());
    }

    [ImageFact]
    public async Task The_runtime_serves_a_model_from_its_tree_without_root_home_or_environment()
    {
        await using var serving = await ServingTree.StartAsync(await trees.OfAsync("runtime"));

        Assert.Equal(10, (await serving.InferAsync())["outputs"]![0]!["data"]!.AsArray().Count);
    }

    [ImageFact]
    public async Task The_runtime_with_cuda_serves_on_the_cpu_where_there_is_no_gpu_and_says_why()
    {
        await using var serving = await ServingTree.StartAsync(await trees.OfAsync("runtime-cuda"));

        Assert.Equal(10, (await serving.InferAsync())["outputs"]![0]!["data"]!.AsArray().Count);
        var state = await serving.StateAsync();
        Assert.Equal(("CPUExecutionProvider", 0), ((string?)state["provider"], (double)state["acceleratedTimeShare"]!));
        Assert.Contains("Model digits runs on the CPU: no NVIDIA driver: libnvidia-ml.so.1 is not among the libraries that the loader finds", await serving.EndAsync(), StringComparison.Ordinal);
    }

    [ImageFact]
    public async Task The_runtime_with_cuda_refuses_where_cuda_is_demanded_and_missing_with_what_is_missing_and_where_it_was_looked_for()
    {
        var tree = await trees.OfAsync("runtime-cuda");
        using var folder = new TemporaryFolder();
        var model = await ServingTree.ModelAsync(folder);

        var command = ImageTrees.Contained(Path.Combine(tree, "app", "inference-runtime"), [.. ServingTree.Arguments(folder, model), "--provider", "cuda"]);
        var result = await Shell.RunAsync(command[0], null, command[1..]);

        Assert.Equal(3, result.Code);
        Assert.Contains("CUDA was asked for, and it cannot run here: no NVIDIA driver: ", result.Errors, StringComparison.Ordinal);
        Assert.Contains("libcudart.so.13, libcublasLt.so.13, libcublas.so.13, libcurand.so.10, libcudnn.so.9 cannot be loaded: looked for by the system's loader", result.Errors, StringComparison.Ordinal);
    }

    /// <summary>
    /// CUDA itself is not here: libraries that have its calls, hold memory and compute nothing stand in for it. What is shown is that ONNX Runtime's
    /// library and its provider fit together, that the settings are ones that it knows, and that the share of the model on it is measured.
    /// </summary>
    [StandInFact]
    public async Task The_runtime_with_cuda_runs_a_model_by_the_cuda_provider_where_its_libraries_are()
    {
        var tree = await trees.OfAsync("runtime-cuda");
        using var libraries = await CudaStandIn.MakeAsync(Path.Combine(tree, "app"));
        await using var serving = await ServingTree.StartAsync(
            tree, ["LD_LIBRARY_PATH=" + libraries.Path], ["--provider", "cuda", "--gpu-memory", "1Gi", "--min-accelerated-share", "90"]);

        await serving.InferAsync();
        var state = await serving.StateAsync();
        Assert.Equal(("CUDAExecutionProvider", 1, 1), ((string?)state["provider"], (double)state["acceleratedNodeShare"]!, (double)state["acceleratedTimeShare"]!));
        Assert.Contains("Model digits runs on CUDAExecutionProvider: 100.0 % of its nodes and 100.0 % of its time", await serving.EndAsync(), StringComparison.Ordinal);
    }

    [ImageFact]
    public async Task The_bill_of_materials_accounts_for_every_library_of_the_tree_and_is_the_same_each_time()
    {
        foreach (var (image, program) in new[] { ("operator", "inference-operator"), ("runtime-cuda", "inference-runtime"), ("runtime", "inference-runtime") })
        {
            var tree = await trees.OfAsync(image);
            var text = await File.ReadAllTextAsync(Path.Combine(tree, "sbom", program + ".cdx.json"));
            var bom = JsonNode.Parse(text)!;
            var components = bom["components"]!.AsArray().Select(static component => component!.AsObject()).ToArray();
            var accounted = components.Append(bom["metadata"]!["component"]!.AsObject())
                .SelectMany(static component => component["properties"]?.AsArray() ?? []).Select(static property => ((string)property!["name"]!)["file:".Length..]).ToArray();
            Assert.Equal(accounted.Distinct().Count(), accounted.Length);
            Assert.Equal(
                Directory.EnumerateFiles(Path.Combine(tree, "app")).Select(Path.GetFileName).Where(static file => file!.EndsWith(".dll", StringComparison.Ordinal) || file.EndsWith(".so", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
                accounted.Where(file => file != program).Order(StringComparer.Ordinal));
            Assert.Contains(components, static component => (string?)component["name"] == "Microsoft.NETCore.App");
            Assert.All(components, static component => Assert.NotEmpty(component["licenses"]!.AsArray()));
            Assert.All(components.Where(static component => (string?)component["type"] == "library"), static component => Assert.Equal(128, ((string)component["hashes"]![0]!["content"]!).Length));

            var project = image == "operator" ? "InferenceOperator" : "InferenceRuntime";
            var again = await Shell.OutputOfAsync(
                "node", null, Repository.File("images", "sbom.mjs"), "--name", program, "--tree", Path.Combine(tree, "app"),
                "--assets", Repository.File("artifacts", "images", "obj", project, "project.assets.json"), "--npm", $"{Repository.File("eng", "ort", "package-lock.json")},{Repository.File("eng", "ort-gpu", "package-lock.json")}");
            Assert.Equal(text, again);
        }

        Assert.True(File.Exists(Path.Combine(await trees.OfAsync("runtime"), "licenses", "onnxruntime", "ThirdPartyNotices.txt")));
        Assert.Equal(["com.github.asus4.onnxruntime"], await NpmPackagesAsync("runtime"));
        Assert.Equal(["com.github.asus4.onnxruntime", "com.github.asus4.onnxruntime.linux-x64-gpu", "onnxruntime-node"], await NpmPackagesAsync("runtime-cuda"));
    }

    private async Task<string[]> NpmPackagesAsync(string image)
    {
        var bom = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(await trees.OfAsync(image), "sbom", "inference-runtime.cdx.json")))!;
        return [.. bom["components"]!.AsArray().Where(static component => ((string)component!["purl"]!).StartsWith("pkg:npm/", StringComparison.Ordinal)).Select(static component => (string)component!["name"]!).Order(StringComparer.Ordinal)];
    }

    /// <summary>What is in it can be read by the image's user, who may add files.</summary>
    private static async Task OpenAsync(TemporaryFolder folder) => await Shell.OutputOfAsync("chmod", null, "-R", "go+rwX", folder.Path);
}
