using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Local.Replicas;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster.Kit.Nodes;

/// <summary>One pod on a <see cref="TestNode"/>: its init containers in order, then its runtime, probed as its manifest says, started again when it ends.</summary>
internal sealed class NodePod(
    ApiObject<JsonObject> pod, string address, TestNodeOptions options, ChildSpawner spawner, KubernetesClient client, Func<CancellationToken, Task> remove) : IAsyncDisposable
{
    private static readonly TimeSpan BeforeRestart = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _gone = new();
    private readonly CancellationTokenSource _leaves = new();
    private readonly HttpClient _probes = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly Lock _gate = new();
    private readonly JsonObject _spec = pod.Value["spec"]!.AsObject(); // A pod has one.
    private Task _life = Task.CompletedTask;
    private ChildProcess? _process;
    private TimeSpan _grace;
    private bool _begun;
    private int _restarts;
    private JsonObject? _lastEnd;

    private JsonObject Main => _spec["containers"]![0]!.AsObject(); // A pod has one.

    /// <summary>Starts it once.</summary>
    public void BeginStart()
    {
        lock (_gate)
        {
            if (!_begun)
            {
                (_begun, _life) = (true, Task.Run(LiveAsync));
            }
        }
    }

    /// <summary>Begins its end once: SIGTERM, SIGKILL after the grace period, then the object is removed.</summary>
    public void BeginStop(int graceSeconds)
    {
        lock (_gate)
        {
            _grace = TimeSpan.FromSeconds(graceSeconds);
            if (!_leaves.IsCancellationRequested)
            {
                _leaves.Cancel();
                if (!_begun)
                {
                    (_begun, _life) = (true, Task.Run(LiveAsync));
                }
            }
        }
    }

    public void Crash() => _process?.Kill();

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _life;
        _probes.Dispose();
        _gone.Dispose();
        _leaves.Dispose();
    }

    private async Task LiveAsync()
    {
        try
        {
            if (!_leaves.IsCancellationRequested)
            {
                using var volumes = await PodVolumes.MountAsync(client, pod.Key.Namespace, _spec, options, _gone.Token);
                await RunAsync(volumes);
            }

            await remove(_gone.Token);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            // The object is gone, or the node is.
        }
        catch (Exception error) when (error is InvalidOperationException or ApiException or KeyNotFoundException)
        {
            options.Log($"{pod.Key}: {error.Message}");
        }
    }

    private async Task RunAsync(PodVolumes volumes)
    {
        foreach (var init in _spec["initContainers"]?.AsArray().OfType<JsonObject>() ?? [])
        {
            while (!_leaves.IsCancellationRequested && await OnceAsync(init, volumes, static (_, _) => Task.CompletedTask) != 0)
            {
                await ReportAsync(ready: false, Waiting("PodInitializing"), init);
                await PauseAsync(BeforeRestart);
            }
        }

        while (!_leaves.IsCancellationRequested)
        {
            await OnceAsync(Main, volumes, ProbeAsync);
            if (!_leaves.IsCancellationRequested)
            {
                _restarts++;
                await ReportAsync(ready: false, Waiting("CrashLoopBackOff"));
                await PauseAsync(BeforeRestart);
            }
        }
    }

    /// <summary>Runs a container until it ends, or until the pod leaves and it has had its grace.</summary>
    private async Task<int> OnceAsync(JsonObject container, PodVolumes volumes, Func<ChildProcess, CancellationToken, Task> watch)
    {
        var termination = volumes.File("termination-log");
        File.Delete(termination);
        using var process = await spawner.StartAsync(Command(container, volumes, termination));
        _process = process;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token, _leaves.Token);
        var watching = watch(process, over.Token);
        try
        {
            await process.Exited.WaitAsync(over.Token);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
        }

        await over.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process = null;
        var code = await process.Exited;
        _lastEnd = new JsonObject
        {
            ["terminated"] = new JsonObject
            {
                ["exitCode"] = code,
                ["reason"] = code == 0 ? "Completed" : "Error",
                ["message"] = File.Exists(termination) ? await File.ReadAllTextAsync(termination) : "",
                ["finishedAt"] = Now(),
            },
        };
        return code;
    }

    private async Task EndAsync(ChildProcess process)
    {
        if (_gone.IsCancellationRequested)
        {
            process.Kill();
        }
        else
        {
            if ((int?)Main["lifecycle"]?["preStop"]?["sleep"]?["seconds"] is { } seconds)
            {
                await PauseAsync(TimeSpan.FromSeconds(seconds));
            }

            process.Terminate();
            await Task.WhenAny(process.Exited, Task.Delay(_grace, TimeProvider.System, _gone.Token));
            process.Kill();
        }

        await process.Exited;
    }

    /// <summary>Start-up, then readiness and liveness at the periods of the manifest.</summary>
    private async Task ProbeAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        await ReportAsync(ready: false, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Now() } });
        var startUp = Main["startupProbe"];
        while (startUp is not null && !await AnswersAsync(startUp, cancellationToken))
        {
            await Task.Delay(Period(startUp), TimeProvider.System, cancellationToken);
        }

        bool? said = null;
        for (var failures = 0; ;)
        {
            failures = await AnswersAsync(Main["readinessProbe"], cancellationToken) ? 0 : failures + 1;
            var ready = failures < ((int?)Main["readinessProbe"]?["failureThreshold"] ?? 3) && (failures == 0 || said == true);
            if (ready != said)
            {
                said = ready;
                await ReportAsync(ready, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Now() } });
            }

            await Task.Delay(Period(Main["readinessProbe"]), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(JsonNode? probe, CancellationToken cancellationToken)
    {
        if (probe?["httpGet"] is not { } get)
        {
            return true;
        }

        var port = (int)Main["ports"]!.AsArray().First(p => (string?)p!["name"] == (string?)get["port"])!["containerPort"]!;
        try
        {
            using var answer = await _probes.GetAsync(new Uri($"http://{address}:{port}{(string?)get["path"]}"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private ChildCommand Command(JsonObject container, PodVolumes volumes, string termination)
    {
        var environment = (container["env"]?.AsArray().OfType<JsonObject>() ?? [])
            .ToDictionary(static e => (string)e["name"]!, e => (string?)e["value"] ?? Field((string?)e["valueFrom"]?["fieldRef"]?["fieldPath"]), StringComparer.Ordinal);
        string Text(string argument)
        {
            var expanded = environment.Aggregate(argument, static (text, e) => text.Replace($"$({e.Key})", e.Value, StringComparison.Ordinal));
            // Each pod has a network of its own in a cluster; here it has an address.
            return expanded switch
            {
                "0.0.0.0" or "*" => address,
                _ when expanded == (string?)container["terminationMessagePath"] => termination,
                _ => volumes.Here(expanded, container),
            };
        }

        var runtime = RuntimeProgram.Find(null, Path.GetDirectoryName(Repository.Program("InferenceRuntime", "inference-runtime"))!, static _ => null, out var missing)
            ?? throw new InvalidOperationException(missing);
        ImmutableArray<string> line =
        [
            .. environment.Select(e => $"{e.Key}={volumes.Here(e.Value, container)}"), runtime.Program, .. runtime.Arguments, .. container["args"]!.AsArray().Select(a => Text((string)a!)),
        ];
        return new ChildCommand("/usr/bin/env", line, volumes.File(""), text => options.Log($"{pod.Key.Name}: {text}"));
    }

    private string Field(string? path) => path switch
    {
        "metadata.name" => pod.Key.Name,
        "metadata.namespace" => pod.Key.Namespace,
        "metadata.uid" => pod.Uid,
        "status.podIP" => address,
        "spec.nodeName" => options.Name,
        _ => throw new InvalidOperationException($"the test's node does not know the field {path}"),
    };

    private async Task ReportAsync(bool ready, JsonObject state, JsonObject? failedInit = null)
    {
        var (yes, now) = (ready ? "True" : "False", Now());
        var container = new JsonObject
        {
            ["name"] = (string)Main["name"]!,
            ["ready"] = ready,
            ["started"] = ready,
            ["restartCount"] = _restarts,
            ["image"] = (string?)Main["image"],
            ["imageID"] = "",
            ["containerID"] = string.Create(CultureInfo.InvariantCulture, $"test://{pod.Uid}/{_restarts}"),
            ["state"] = state,
            ["lastState"] = _restarts > 0 ? _lastEnd?.DeepClone() : null,
        };
        JsonObject Condition(string type, string status) => new() { ["type"] = type, ["status"] = status, ["lastTransitionTime"] = now };
        var status = new JsonObject
        {
            ["phase"] = "Running",
            ["podIP"] = address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
            ["hostIP"] = "127.0.0.1",
            ["startTime"] = now,
            ["conditions"] = new JsonArray(Condition("PodScheduled", "True"), Condition("Initialized", "True"), Condition("ContainersReady", yes), Condition("Ready", yes)),
            ["containerStatuses"] = new JsonArray(container),
        };
        if (failedInit is not null)
        {
            status["phase"] = "Pending";
            status["initContainerStatuses"] = new JsonArray(new JsonObject
            {
                ["name"] = (string)failedInit["name"]!,
                ["ready"] = false,
                ["restartCount"] = 1,
                ["image"] = (string?)failedInit["image"],
                ["imageID"] = "",
                ["state"] = Waiting("CrashLoopBackOff"),
                ["lastState"] = _lastEnd?.DeepClone(),
            });
        }

        try
        {
            await client.PatchStatusAsync(Pods, pod.Key, new JsonObject { ["status"] = status }, "kubelet", _gone.Token);
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.NotFound)
        {
            // Somebody took the object away.
        }
    }

    private async Task PauseAsync(TimeSpan pause) => await Task.Delay(pause, TimeProvider.System, _gone.Token);

    private static JsonObject Waiting(string reason) => new() { ["waiting"] = new JsonObject { ["reason"] = reason } };

    private static TimeSpan Period(JsonNode? probe) => TimeSpan.FromSeconds((int?)probe?["periodSeconds"] ?? 10);

    private static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
