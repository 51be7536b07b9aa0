using System.Diagnostics;
using InferenceOperator.Testing.Servers;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Samples;

/// <summary>The manifests under <c>config/samples</c>, as a person starts with them.</summary>
public sealed class SampleTests
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Manifests() => new(
        Directory.EnumerateFiles(Repository.File("config", "samples"), "*.yaml", SearchOption.AllDirectories).Select(static file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task Every_sample_is_good(string file)
    {
        string[] check = (await File.ReadAllTextAsync(Repository.File(file))).Contains("kind: InferencePolicy", StringComparison.Ordinal)
            ? ["policy", "check", Repository.File(file), "--agents", Repository.File("config", "samples", "cluster", "digits.yaml")]
            : ["validate", Repository.File(file)];
        var result = await Shell.RunAsync(Repository.Program("InferenceOperator", "inference-operator"), null, check);

        Assert.True(result.Code == 0, result.Output + result.Errors);
    }

    [Theory]
    [InlineData("recommender.yaml", "items")]
    [InlineData("click-through.yaml", "probability")]
    [InlineData("language.yaml", "logits")]
    [InlineData("image.yaml", "logits")]
    public async Task It_serves_as_it_is_in_local_mode_and_the_curl_line_that_is_printed_works(string file, string output)
    {
        using var folder = new TemporaryFolder();
        using var patience = new CancellationTokenSource(PatienceMax, TimeProvider.System);
        using var process = Process.Start(new ProcessStartInfo(
            Repository.Program("InferenceOperator", "inference-operator"),
            ["local", Repository.File("config", "samples", file), "--port", "0", "--state-dir", folder.Path, "--runtime", Repository.Program("InferenceRuntime", "inference-runtime")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!; // A new process.
        try
        {
            string? curl = null;
            while (curl is null && await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                curl = line.Contains("  curl ", StringComparison.Ordinal) ? line.Trim() : null;
            }

            Assert.True(curl is not null, "no curl line was printed");
            var reply = await Shell.RunAsync("bash", null, "-c", curl);
            Assert.Contains($"\"{output}\"", reply.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("error", reply.Output, StringComparison.Ordinal);

            await Shell.OutputOfAsync("kill", null, "-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    [Fact]
    public async Task Pins_of_samples_are_those_of_the_files_in_models()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.File("config", "samples"), "*.yaml", SearchOption.AllDirectories))
        {
            foreach (var document in HelmEngine.Objects([await File.ReadAllTextAsync(file)]))
            {
                // A model that is fetched is somebody's; only those of the repository can be compared.
                if ((string?)document["spec"]?["model"]?["sha256"] is { } pin && document["spec"]!["model"]!["auth"] is null)
                {
                    var model = Repository.File("models", Path.GetFileName((string)document["spec"]!["model"]!["uri"]!));
                    Assert.Equal(pin, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(model))));
                }
            }
        }
    }
}
