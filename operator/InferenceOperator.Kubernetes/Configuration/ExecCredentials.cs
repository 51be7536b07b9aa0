using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>A token from a credential plugin, such as those of the cloud providers; asked again shortly before it ends.</summary>
internal sealed class ExecCredentials : Credentials
{
    private static readonly TimeSpan RunMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RenewAhead = TimeSpan.FromSeconds(60);

    private readonly string _command;
    private readonly string _place;
    private readonly string[] _arguments;
    private readonly Dictionary<string, string> _variables;
    private readonly Lock _gate = new();
    private Task<Issued>? _running;
    private volatile Issued? _last;

    private ExecCredentials(string command, string place, string[] arguments, Dictionary<string, string> variables)
    {
        _command = command;
        _place = place;
        _arguments = arguments;
        _variables = variables;
    }

    public static ExecCredentials From(KubeconfigEntry exec, KubeconfigEntry cluster)
    {
        var command = exec.Text("command");
        if (command.Length == 0)
        {
            throw new KubernetesConfigException($"{exec.Place}.command is missing");
        }

        var version = exec.Text("apiVersion");
        if (!version.StartsWith("client.authentication.k8s.io/", StringComparison.Ordinal))
        {
            throw new KubernetesConfigException($"{exec.Place}.apiVersion is \"{version}\", not one of client.authentication.k8s.io");
        }

        var variables = new Dictionary<string, string> { ["KUBERNETES_EXEC_INFO"] = Request(version, exec, cluster) };
        foreach (var node in exec.Sequence("env").OfType<YamlMappingNode>())
        {
            var entry = new KubeconfigEntry(exec.File, $"{exec.Place}.env", node);
            variables[entry.Text("name")] = entry.Text("value");
        }

        // As kubectl: a name with a folder in it is meant from the kubeconfig's folder, a bare name from the PATH.
        var program = command.Contains('/', StringComparison.Ordinal) ? exec.PathOf("command") : command;
        return new ExecCredentials(program, exec.Place, [.. exec.Sequence("args").Select(static a => a.ToString())], variables);
    }

    public override async ValueTask<string> GetTokenAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetUtcNow() < last.Until)
        {
            return last.Token;
        }

        Task<Issued> running;
        lock (_gate)
        {
            // Shared by all requests that wait for it, so it does not end with any one of them; its own time limit ends it.
            running = _running is { IsCompleted: false } started ? started : _running = RunAsync(time);
        }

        return (await running.WaitAsync(cancellationToken).ConfigureAwait(false)).Token;
    }

    public override bool TryRenew()
    {
        _last = null;
        return true;
    }

    private async Task<Issued> RunAsync(TimeProvider time)
    {
        var start = new ProcessStartInfo(_command, _arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _variables)
        {
            start.Environment[name] = value;
        }

        using var limit = new CancellationTokenSource(RunMax, time);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(limit.Token)).ConfigureAwait(false);
            return process.ExitCode == 0
                ? _last = Read(await output.ConfigureAwait(false))
                : throw new KubernetesConfigException(
                    $"{_place}: {_command} ended with {process.ExitCode}: {(await errors.ConfigureAwait(false)).Trim()}");
        }
        catch (Win32Exception error)
        {
            throw new KubernetesConfigException($"{_place}.command: cannot run {_command}: {error.Message}", error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new KubernetesConfigException($"{_place}: {_command} did not end within {RunMax.TotalSeconds:0} s");
        }
    }

    private Issued Read(string output)
    {
        ExecCredentialStatus? status;
        try
        {
            status = JsonSerializer.Deserialize(output, ExecCredentialJson.Default.ExecCredential)?.Status;
        }
        catch (JsonException error)
        {
            throw new KubernetesConfigException($"{_place}: {_command} did not print an ExecCredential: {error.Message}", error);
        }

        return status?.Token is { Length: > 0 } token
            ? new Issued(token, status.ExpirationTimestamp - RenewAhead ?? DateTimeOffset.MaxValue)
            : throw new KubernetesConfigException(
                status?.ClientCertificateData is null
                    ? $"{_place}: {_command} gave no token"
                    : $"{_place}: {_command} gave a client certificate; only tokens are supported from exec");
    }

    private static string Request(string version, KubeconfigEntry exec, KubeconfigEntry cluster)
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (exec.Flag("provideClusterInfo"))
        {
            spec["cluster"] = new JsonObject
            {
                ["server"] = cluster.Text("server"),
                ["certificate-authority-data"] = cluster.Text("certificate-authority-data"),
            };
        }

        return new JsonObject { ["apiVersion"] = version, ["kind"] = "ExecCredential", ["spec"] = spec }.ToJsonString();
    }

    private sealed record Issued(string Token, DateTimeOffset Until);
}
