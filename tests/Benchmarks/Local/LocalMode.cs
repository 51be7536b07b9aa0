using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using InferenceOperator.Testing;
using InferenceRuntime.Contract;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>The local mode as a person starts it: a process of its own that serves one agent. Ends it when disposed.</summary>
internal sealed class LocalMode : IAsyncDisposable
{
    /// <summary>The program that replicas run, and <c>bench</c>.</summary>
    public static readonly string Runtime = Path.Combine(AppContext.BaseDirectory, "inference-runtime");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _folder;
    private readonly HttpClient _client = new() { Timeout = Patience };

    private LocalMode(Process process, string folder, Uri rest, Uri grpc)
    {
        (_process, _folder, Rest, Grpc) = (process, folder, rest, grpc);
    }

    /// <summary>The endpoint's port for REST.</summary>
    public Uri Rest { get; }

    /// <summary>The endpoint's port for gRPC.</summary>
    public Uri Grpc { get; }

    /// <summary>Records of decisions so far, a line each.</summary>
    public string Decisions => DecisionsIn(_folder);

    private static string DecisionsIn(string folder) => Path.Combine(folder, "decisions.jsonl");

    /// <summary>Starts it, and waits until its agent answers.</summary>
    /// <param name="manifest">The agent, YAML.</param>
    /// <param name="folder">Where its files go; one running local mode each.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<LocalMode> StartAsync(string manifest, string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "agent.yaml");
        await File.WriteAllTextAsync(path, manifest, cancellationToken);
        var process = Start(
            Repository.Program("InferenceOperator", "inference-operator"),
            "local", path, "--port", "0", "--state-dir", Path.Combine(folder, "state"), "--decisions", DecisionsIn(folder), "--runtime", Runtime);
        try
        {
            var (rest, grpc) = await AddressesAsync(process, cancellationToken);
            return new(process, folder, rest, grpc);
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    /// <summary>The agent as <c>/agents</c> shows it.</summary>
    public async Task<JsonElement> AgentAsync(CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync(new Uri(Rest, "/agents"), cancellationToken));
        return document.RootElement.GetProperty("agents")[0].Clone();
    }

    /// <summary>A page of metrics.</summary>
    public async Task<ImmutableArray<PrometheusSample>> MetricsAsync(Uri address, CancellationToken cancellationToken) =>
        PrometheusTextParser.Parse(await _client.GetStringAsync(address, cancellationToken));

    /// <summary>Where the replicas that run now listen.</summary>
    public IReadOnlyList<ReplicaEndpoints> Replicas() =>
        [.. Directory.GetFiles(Path.Combine(_folder, "state", "replicas"), "ports.json", SearchOption.AllDirectories).Select(Read).OfType<ReplicaEndpoints>()];

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        using (var signal = Process.Start("kill", ["-TERM", Invariant($"{_process.Id}")]))
        {
            await signal.WaitForExitAsync(CancellationToken.None);
        }

        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    /// <summary>Starts a program whose output is read.</summary>
    public static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException($"{program} did not start");

    /// <summary>Runs a program to its end; gives what it printed.</summary>
    public static async Task<string> OutputAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        var said = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}");
    }

    private static ReplicaEndpoints? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), ContractJson.Default.ReplicaEndpoints);
        }
        catch (IOException)
        {
            return null; // It ended meanwhile.
        }
    }

    // The endpoint is told first; the agent answers when its line of a curl command has come.
    private static async Task<(Uri Http, Uri Grpc)> AddressesAsync(Process local, CancellationToken cancellationToken)
    {
        (Uri, Uri)? addresses = null;
        while (await local.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken) is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            addresses ??= Array.IndexOf(words, "endpoint") is >= 0 and var at ? (new Uri(words[at + 1]), new Uri($"http://{words[at + 3]}")) : null;
            if (addresses is { } known && line.Contains(" answers at ", StringComparison.Ordinal))
            {
                _ = local.StandardOutput.ReadToEndAsync(cancellationToken); // So that it never waits for a reader.
                return known;
            }
        }

        throw new InvalidOperationException("the local mode ended before its agent answered");
    }
}
