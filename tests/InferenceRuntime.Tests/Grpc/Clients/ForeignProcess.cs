using System.Diagnostics;
using Google.Protobuf.Reflection;
using Google.Protobuf;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Grpc.Messages.Health;
using InferenceRuntime.Tests.Commands;

namespace InferenceRuntime.Tests.Grpc.Clients;

/// <summary>A script that runs one scenario with a foreign client and asserts by itself.</summary>
internal sealed class ForeignProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Modules = Environment.GetEnvironmentVariable("INFERENCE_RUNTIME_GRPC_JS") ?? Repository.File("artifacts", "grpc-clients");
    private static readonly string Python = Environment.GetEnvironmentVariable("INFERENCE_RUNTIME_PYTHON_GRPC") ?? "/usr/bin/python3";

    private readonly Process _process;
    private readonly string _folder;

    private ForeignProcess(Process process, string folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>Why the client is not to be had; null when it is.</summary>
    public static string? Missing(ForeignClient client) => client switch
    {
        ForeignClient.GrpcJs => Directory.Exists(Path.Combine(Modules, "node_modules", "@grpc", "grpc-js")) ? null : $"{Modules} lacks @grpc/grpc-js; run eng/grpc-js",
        ForeignClient.Python => HasGrpc() ? null : $"{Python} has no grpc; run eng/python-grpc",
        _ => throw new ArgumentOutOfRangeException(nameof(client)),
    };

    public static ForeignProcess Start(ForeignClient client, Uri server, string scenario)
    {
        var folder = Directory.CreateTempSubdirectory("grpc-client").FullName;
        string[] command = client == ForeignClient.GrpcJs
            ? ["node", Script("client.cjs"), Modules, Repository.File("runtime", "InferenceRuntime", "Grpc", "Protos"), server.Authority, scenario]
            : [Python, Script("client.py"), WriteDescriptors(folder), server.Authority, scenario];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return new ForeignProcess(Process.Start(start)!, folder);
    }

    /// <summary>The next line that the script prints.</summary>
    public async Task<string?> LineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    /// <summary>Tells the script to go on.</summary>
    public void GoOn() => _process.StandardInput.WriteLine();

    /// <summary>Waits for the script's end and holds that all its assertions held.</summary>
    public async Task AssertDoneAsync()
    {
        var errors = _process.StandardError.ReadToEndAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(_process.ExitCode == 0, await errors);
    }

    public ValueTask DisposeAsync() => _process.EndAsync(_folder);

    private static string Script(string name) => Repository.File("tests", "InferenceRuntime.Tests", "Grpc", "Clients", name);

    /// <summary>The definitions as the compiler made them: Python's protobuf is too old for code generated today.</summary>
    private static string WriteDescriptors(string folder)
    {
        FileDescriptor[] files =
        [
            ModelConfigReflection.Descriptor, InferenceReflection.Descriptor, HealthReflection.Descriptor,
            InferenceRuntime.Grpc.Messages.Reflection.ReflectionReflection.Descriptor,
            InferenceRuntime.Grpc.Messages.ReflectionAlpha.ReflectionReflection.Descriptor,
        ];
        var set = new FileDescriptorSet();
        set.File.AddRange(files.Select(static f => FileDescriptorProto.Parser.ParseFrom(f.SerializedData)));
        var path = Path.Combine(folder, "descriptors");
        File.WriteAllBytes(path, set.ToByteArray());
        return path;
    }

    private static bool HasGrpc()
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import grpc, google.protobuf.message_factory"]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
