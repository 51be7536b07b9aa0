using System.Text.Json;
using InferenceOperator.Local.Replicas;
using InferenceOperator.Testing.Servers;
using InferenceRuntime.Contract;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>A real replica: the program inference-runtime with the digits classifier, as a pod would run it.</summary>
internal sealed class RuntimeProcess : IAsyncDisposable
{
    private readonly RealServer _server;
    private readonly TemporaryFolder _folder;

    private RuntimeProcess(RealServer server, TemporaryFolder folder, ReplicaEndpoints ports)
    {
        _server = server;
        _folder = folder;
        Http = ports.Http.Port;
        Metrics = ports.Metrics.Port;
        Admin = ports.Admin.Port;
    }

    /// <summary>Where the build puts the runtime: beside these tests, in the same configuration.</summary>
    private static string Folder => Path.GetDirectoryName(Repository.Program("InferenceRuntime", "inference-runtime"))!; // A file has a folder.

    public int Http { get; }

    public int Metrics { get; }

    public int Admin { get; }

    public static async Task<RuntimeProcess> StartAsync(string agent, string replica, string token)
    {
        var folder = new TemporaryFolder();
        var program = RuntimeProgram.Find(null, Folder, Environment.GetEnvironmentVariable, out var error) ?? throw new InvalidOperationException(error);
        var ports = folder.File("ports.json");
        string[] arguments =
        [
            .. program.Arguments, "serve", "--model", Repository.File("models", "digits-mlp.onnx"), "--name", "digits",
            "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--admin-port", "0", "--admin-token-file", folder.Write("token", token),
            "--agent", agent, "--replica", replica, "--threads", "1", "--port-file", ports, "--drain-delay", "0s",
        ];
        using var patience = Patience.Start();
        var server = await RealServer.StartAsync(program.Program, arguments, _ => Task.FromResult(File.Exists(ports)), patience.Token);
        var read = JsonSerializer.Deserialize(await File.ReadAllTextAsync(ports, patience.Token), ContractJson.Default.ReplicaEndpoints)!; // The runtime writes no null.
        return new RuntimeProcess(server, folder, read);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
