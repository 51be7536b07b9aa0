using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Local;
using InferenceOperator.Local.Replicas;
using InferenceRuntime.Contract;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Tests.Local;

/// <summary>The local mode over a folder of manifests, with real replicas of the real runtime as child processes.</summary>
internal sealed class LocalHostUnderTest : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<string> _lines = [];
    private LocalHost? _host;

    /// <summary>The manifests, and under <c>state</c> what the local mode keeps.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("local-host-").FullName;

    public HttpClient Client { get; } = new() { Timeout = Patience };

    /// <summary>The local mode; started before.</summary>
    public LocalHost Host => _host!; // Asked for after the start.

    /// <summary>What it said to a person.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Writes a manifest, whole or not at all.</summary>
    public void Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        File.WriteAllText(path + ".next", text);
        File.Move(path + ".next", path, overwrite: true);
    }

    public async Task StartAsync()
    {
        var runtime = RuntimeProgram.Find(Repository.Program("InferenceRuntime", "inference-runtime"), "", Environment.GetEnvironmentVariable, out var error);
        Assert.True(runtime is not null, error);
        var options = new LocalOptions
        {
            Path = Folder,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Runtime = runtime,
            StateFolder = Path.Combine(Folder, "state"),
            Tick = TimeSpan.FromMilliseconds(200),
            Look = TimeSpan.FromMilliseconds(50),
            RolloutBlock = TimeSpan.FromMilliseconds(500),
            SecretsFolder = Path.Combine(Folder, "secrets"),
            ModelSources = ["127.0.0.1", "::1"],
        };
        _host = await LocalHost.StartAsync(options, NullLogger.Instance, Say, TimeProvider.System, CancellationToken.None);
    }

    /// <summary>What runs for an agent of the namespace <c>default</c>.</summary>
    public WorkloadObservation? Workload(string agent) => Host.Agents.Views.Single(view => view.Key == $"default/{agent}").Report?.Workload;

    /// <summary>A condition's status and message.</summary>
    public (string? Status, string? Message) Condition(string agent, string type)
    {
        var condition = Host.Agents.Views.Single(view => view.Key == $"default/{agent}").Report?.Status.Conditions.FirstOrDefault(condition => condition.Type == type);
        return (condition?.Status.ToString(), condition?.Message);
    }

    /// <summary>Where a replica that is ready listens.</summary>
    public ReplicaEndpoints Endpoints(string replica) =>
        JsonSerializer.Deserialize(ReadFile(replica, "ports.json"), ContractJson.Default.ReplicaEndpoints)!; // The runtime writes no null.

    /// <summary>A file of a replica's folder.</summary>
    public string ReadFile(string replica, string name) => File.ReadAllText(Path.Combine(Folder, "state", "replicas", replica, name));

    /// <summary>What an admin port answers to a replica's token.</summary>
    public async Task<HttpResponseMessage> AskAdminAsync(string replica, Uri address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ReadFile(replica, "token"));
        return await Client.SendAsync(request);
    }

    /// <summary>The settings in force, as the replica's admin port shows them.</summary>
    public async Task<RuntimeSettings> SettingsAsync(string replica)
    {
        using var reply = await AskAdminAsync(replica, new Uri(Endpoints(replica).Admin, "/v1/settings"));
        return JsonSerializer.Deserialize(await reply.Content.ReadAsStringAsync(), ContractJson.Default.RuntimeSettings)!; // The runtime writes no null.
    }

    public Task UntilReadyAsync(string agent, int replicas, TimeSpan? patience = null) =>
        UntilAsync(() => Workload(agent) is { } workload && workload.Replicas.Length == replicas && workload.Replicas.All(replica => replica.Phase is ReplicaPhase.Ready), patience);

    /// <summary>Waits until it holds after a control step, so nothing is polled by time.</summary>
    /// <param name="holds">What has to hold.</param>
    /// <param name="patience">How long at most; null: <see cref="Patience"/>.</param>
    public async Task UntilAsync(Func<bool> holds, TimeSpan? patience = null)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(AgentReport report)
        {
            if (holds())
            {
                seen.TrySetResult();
            }
        }

        Host.Agents.Reported += Look;
        try
        {
            await seen.Task.WaitAsync(patience ?? Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail(string.Join('\n', Lines));
        }
        finally
        {
            Host.Agents.Reported -= Look;
        }
    }

    private void Say(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }
}
