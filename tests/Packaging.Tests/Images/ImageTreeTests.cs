using System.Diagnostics;
using InferenceOperator.Testing.Servers;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Images;

/// <summary>What is in the images, run as they run it.</summary>
public sealed class ImageTreeTests(ImageTrees trees) : IClassFixture<ImageTrees>
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(1);

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
        var tree = await trees.OfAsync("runtime");
        using var folder = new TemporaryFolder();
        File.Copy(Repository.File("models", "digits-mlp.onnx"), folder.File("digits.onnx"));
        await OpenAsync(folder);
        var command = ImageTrees.Contained(
            Path.Combine(tree, "app", "inference-runtime"),
            "serve", "--model", folder.File("digits.onnx"), "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--admin-port", "0", "--port-file", folder.File("ports.json"), "--drain-delay", "0s");

        using var patience = new CancellationTokenSource(PatienceMax, TimeProvider.System);
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true })!; // A new process.
        try
        {
            while (!File.Exists(folder.File("ports.json")))
            {
                Assert.False(process.HasExited, process.HasExited ? await process.StandardError.ReadToEndAsync(patience.Token) : "");
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
            }

            var ports = JsonNode.Parse(await File.ReadAllTextAsync(folder.File("ports.json"), patience.Token))!;
            using var http = new HttpClient { BaseAddress = new Uri((string)ports["http"]!) };
            using var body = new StringContent($$"""{"inputs": [{"name": "pixels", "shape": [1, 64], "datatype": "FP32", "data": [{{string.Join(", ", Enumerable.Repeat("0.5", 64))}}]}]}""");
            using var reply = await http.PostAsync(new Uri("/v2/models/digits/infer", UriKind.Relative), body, patience.Token);
            Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync(patience.Token));
            Assert.Equal(10, JsonNode.Parse(await reply.Content.ReadAsStringAsync(patience.Token))!["outputs"]![0]!["data"]!.AsArray().Count);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(patience.Token);
        }
    }

    [ImageFact]
    public async Task The_bill_of_materials_accounts_for_every_library_of_the_tree_and_is_the_same_each_time()
    {
        foreach (var (image, program) in new[] { ("operator", "inference-operator"), ("runtime", "inference-runtime") })
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
                "--assets", Repository.File("artifacts", "images", "obj", project, "project.assets.json"), "--npm", Repository.File("eng", "ort", "package-lock.json"));
            Assert.Equal(text, again);
        }

        Assert.True(File.Exists(Path.Combine(await trees.OfAsync("runtime"), "licenses", "onnxruntime", "ThirdPartyNotices.txt")));
    }

    /// <summary>What is in it can be read by the image's user, who may add files.</summary>
    private static async Task OpenAsync(TemporaryFolder folder) => await Shell.OutputOfAsync("chmod", null, "-R", "go+rwX", folder.Path);
}
