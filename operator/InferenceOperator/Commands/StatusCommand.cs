using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Overview;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Commands;

/// <summary>The command <c>status</c>: how agents stand, for a person at a terminal or a script. Only reads.</summary>
internal sealed class StatusCommand
{
    private const string About = """
        Tell how agents stand: does each hold its SLO, on what, at what cost, what was decided last and why, and what is not as it should be.

          inference-operator status                          the agents of the kubeconfig's namespace, and at length those that need a look
          inference-operator status -A -o wide               of all namespaces, with more columns
          inference-operator status ranker -n ads            one agent at length
          inference-operator status -A -o json | jq -r '.agents[] | select(.needsAttention) | .namespace + "/" + .name'
          inference-operator status --local --watch          the local mode on this machine, again and again

        SLO is Held, Undeclared (none is declared), Idle (no request came), Unknown, Missed, or Down (requests are not answered). With --watch what is
        not a terminal gets a text (with -o json: a line) only when something but ages changed.

        Exit codes: 0 nothing needs a look, 1 the agents cannot be read or there is no such agent, 2 an option is wrong, 3 an agent misses its SLO or is
        down, 4 one needs a look otherwise: its SLO is Unknown, or a condition is not as it should be. With --watch that of the last look.
        """;

    private readonly Argument<string?> _name = new("NAME") { Description = "Only this agent, at length.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "Namespace. [default: the kubeconfig's; of the local mode all]" };
    private readonly Option<bool> _all = new("--all-namespaces", "-A") { Description = "All namespaces." };
    private readonly Option<OverviewFormat> _format = new("--output", "-o") { Description = "table, wide or json.", DefaultValueFactory = static _ => OverviewFormat.Table };
    private readonly Option<bool> _watch = new("--watch", "-w") { Description = "Look again and again, until stopped." };
    private readonly Option<string> _interval = new("--interval") { Description = "Time between two looks, from 1s to 1h.", DefaultValueFactory = static _ => "5s" };
    private readonly Option<bool> _local = new("--local") { Description = "The local mode on this machine instead of a cluster." };
    private readonly Option<string?> _endpoint = new("--endpoint") { Description = "Its endpoint. [default: http://127.0.0.1:8000 with --local]" };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "Kubeconfig file. [default: KUBECONFIG, the pod's own account, ~/.kube/config]" };
    private readonly Option<string?> _context = new("--context") { Description = "Context of the kubeconfig. [default: its current one]" };
    private readonly TimeProvider _time;

    private StatusCommand(TimeProvider time) => _time = time;

    /// <param name="time">The clock, from which ages are counted.</param>
    public static Command Create(TimeProvider time) => new StatusCommand(time).Build();

    private Command Build()
    {
        var command = new Command("status", About) { _name, _namespace, _all, _format, _watch, _interval, _local, _endpoint, _kubeconfig, _context };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        try
        {
            var (all, ns) = (parsed.GetValue(_all), parsed.GetValue(_namespace));
            if (all && ns is not null)
            {
                throw new FormatException("--all-namespaces and --namespace exclude each other");
            }

            var again = ReadInterval(parsed);
            var style = TerminalStyle.For(ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
            using var signals = new StopSignals(cancellationToken);
            if (ReadEndpoint(parsed) is { } endpoint)
            {
                return await RunAsync($"the local mode at {endpoint}", async end => Only(await LocalEndpointAgents.ReadAsync(endpoint, end).ConfigureAwait(false), ns, parsed.GetValue(_name))).ConfigureAwait(false);
            }

            var config = KubernetesConfig.Load(parsed.GetValue(_kubeconfig), parsed.GetValue(_context));
            ns = all ? null : ns ?? config.Namespace;
            using var client = KubernetesClient.Connect(config, ClusterAgents.ClientOptions, NullLoggerFactory.Instance);
            return await RunAsync(ns is null ? "any namespace" : $"namespace {ns}", end => ClusterAgents.ReadAsync(client, ns, parsed.GetValue(_name), end)).ConfigureAwait(false);

            Task<int> RunAsync(string where, Func<CancellationToken, Task<ImmutableArray<JsonObject>>> look) =>
                new OverviewRun(new(parsed.GetValue(_name), where, parsed.GetValue(_format), again), look, style, output, errors, _time).RunAsync(signals.Stop);
        }
        catch (FormatException e)
        {
            await errors.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }
        catch (KubernetesConfigException e)
        {
            await errors.WriteLineAsync($"{e.Message} (for the local mode on this machine: --local)").ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    }

    /// <summary>Null: not again.</summary>
    private TimeSpan? ReadInterval(ParseResult parsed) =>
        !Duration.TryParse(parsed.GetValue(_interval), out var interval) || interval.Seconds is < 1 or > 3600
            ? throw new FormatException($"--interval: '{parsed.GetValue(_interval)}' is not a duration from 1s to 1h")
            : parsed.GetValue(_watch) ? interval.ToTimeSpan() : null;

    /// <summary>Null: a cluster is asked.</summary>
    private Uri? ReadEndpoint(ParseResult parsed)
    {
        if ((parsed.GetValue(_endpoint) ?? (parsed.GetValue(_local) ? "http://127.0.0.1:8000" : null)) is not { } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new FormatException($"--endpoint: '{text}' is not http://HOST:PORT");
    }

    private static ImmutableArray<JsonObject> Only(ImmutableArray<JsonObject> agents, string? ns, string? name) =>
        [.. agents.Where(agent => (ns is null || (string?)agent["metadata"]?["namespace"] == ns) && (name is null || (string?)agent["metadata"]?["name"] == name))];
}
