using System.Diagnostics;
using Xunit.Sdk;

namespace InferenceOperator.Tests.Local.Grpc;

/// <summary>A test by @grpc/grpc-js: skipped with the reason where it is not to be had, and left out by <c>--filter needs!=servers</c>.</summary>
[TraitDiscoverer("InferenceOperator.Testing.Servers.ServerTraitDiscoverer", "Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class GrpcJsTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string Modules = Environment.GetEnvironmentVariable("INFERENCE_RUNTIME_GRPC_JS") ?? Repository.File("artifacts", "grpc-clients");

    public GrpcJsTheoryAttribute() =>
        Skip = Directory.Exists(Path.Combine(Modules, "node_modules", "@grpc", "grpc-js")) ? null : $"{Modules} lacks @grpc/grpc-js; run eng/grpc-js";

    /// <summary>Runs one scenario of the script beside this file, which asserts by itself.</summary>
    public static async Task RunAsync(Uri endpoint, string scenario)
    {
        string[] arguments =
        [
            Repository.File("tests", "InferenceOperator.Tests", "Local", "Grpc", "client.cjs"), Modules, Repository.File("runtime", "InferenceRuntime", "Grpc", "Protos"), endpoint.Authority, scenario,
        ];
        using var process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardError = true })!;
        try
        {
            var errors = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
            await process.WaitForExitAsync().WaitAsync(Patience);
            Assert.True(process.ExitCode == 0, errors);
        }
        finally
        {
            process.Kill();
        }
    }
}
