using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace InferenceRuntime.Tests.Commands;

/// <summary><c>inference-runtime serve</c> as a child process on free ports.</summary>
internal sealed class ReplicaProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly string _folder = Directory.CreateTempSubdirectory("replica").FullName;

    private ReplicaProcess(KeyValuePair<string, string>[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "inference-runtime"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ORT_DISABLE_TELEMETRY"] = "1" },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        string[] ports = ["--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--admin-port", "0", "--port-file", Path.Combine(_folder, "ports.json")];
        foreach (var argument in (string[])["serve", .. ports, "--termination-log", TerminationLog, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
    }

    public string TerminationLog => Path.Combine(_folder, "termination-log");

    public Uri Rest { get; private set; } = null!; // Set when ready, before anyone has the replica.

    public Uri Grpc { get; private set; } = null!; // As above.

    public Uri Metrics { get; private set; } = null!; // As above.

    public Uri Admin { get; private set; } = null!; // As above.

    public string ReadyLine { get; private set; } = "";

    /// <summary>A file of the repository's <c>models</c> folder.</summary>
    public static string Model(string name) => Repository.File("models", name);

    /// <summary>Starts a replica and waits until it says ready.</summary>
    public static Task<ReplicaProcess> StartAsync(params string[] arguments) => StartAsync([], arguments);

    /// <summary>As the other, with these variables in its environment.</summary>
    public static async Task<ReplicaProcess> StartAsync(KeyValuePair<string, string>[] environment, params string[] arguments)
    {
        var replica = new ReplicaProcess(environment, arguments);
        replica.ReadyLine = await replica._process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? "";
        if (replica.ReadyLine.Length == 0)
        {
            Assert.Fail($"not ready: {await replica._process.StandardError.ReadToEndAsync()}");
        }

        // Nothing more is read from the logs, so they must not fill the pipe.
        replica._process.BeginErrorReadLine();
        using var ports = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(replica._folder, "ports.json")));
        replica.Rest = new Uri(ports.RootElement.GetProperty("http").GetString()!);
        replica.Grpc = new Uri(ports.RootElement.GetProperty("grpc").GetString()!);
        replica.Metrics = new Uri(ports.RootElement.GetProperty("metrics").GetString()!);
        replica.Admin = new Uri(ports.RootElement.GetProperty("admin").GetString()!);
        return replica;
    }

    /// <summary>Starts a replica that is not expected to become ready.</summary>
    public static async Task<(int ExitCode, string Errors, string? TerminationMessage)> FailAsync(params string[] arguments)
    {
        await using var replica = new ReplicaProcess([], arguments);
        var errors = await replica._process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        var code = await replica.ExitAsync();
        return (code, errors, File.Exists(replica.TerminationLog) ? await File.ReadAllTextAsync(replica.TerminationLog) : null);
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public ValueTask DisposeAsync() => _process.EndAsync(_folder);
}
