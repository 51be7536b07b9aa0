using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using InferenceOperator.Cluster;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Cluster.Serving;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Metrics;
using InferenceOperator.Workloads;

namespace InferenceOperator.Commands;

/// <summary>The command <c>run</c>: looks after the InferenceAgents of a cluster. Installs nothing.</summary>
internal sealed class RunCommand
{
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "Kubeconfig file. [default: KUBECONFIG, the pod's own account, ~/.kube/config]" };
    private readonly Option<string?> _context = new("--context") { Description = "Context of the kubeconfig. [default: its current one]" };
    private readonly Option<string[]> _namespaces = new("--namespace") { Description = "Look after this namespace only; may stand several times. [default: that of the kubeconfig or pod]" };
    private readonly Option<bool> _all = new("--watch-all") { Description = "Look after all namespaces." };
    private readonly Option<string> _image = new("--runtime-image") { Description = "Image of inference-runtime for the pods.", Required = true };
    private readonly Option<string?> _gpuImage = new("--runtime-gpu-image") { Description = "Image of inference-runtime for pods with GPUs, which has the providers for them. [default: --runtime-image]" };
    private readonly Option<string[]> _pullSecrets = new("--image-pull-secret") { Description = "Secret in each agent's namespace with which its pods' images are pulled; may stand several times." };
    private readonly Option<string?> _ownNamespace = new("--operator-namespace") { Description = "Namespace of the operator's own pods, which NetworkPolicies let in. [default: the pod's; outside of a cluster none, and no NetworkPolicy is made]" };
    private readonly Option<string> _ownName = new("--operator-name") { Description = "Label app.kubernetes.io/name of the operator's own pods, by which NetworkPolicies let them in.", DefaultValueFactory = static _ => "inference-operator" };
    private readonly Option<ChildKind[]> _without = new("--without") { Description = "NetworkPolicy, PodDisruptionBudget, PodMonitor or PrometheusRule: a kind of object that no agent gets; may stand several times." };
    private readonly Option<bool> _renewsPods = new("--renew-pods") { Description = "Give replicas of agents that did not change this operator's image and pod template too, one after another. [default: they keep theirs until their agent changes]" };
    private readonly Option<string[]> _sources = new("--allow-model-source") { Description = "Address, network or host name (*.models.example too) that is not public and from which models may be fetched all the same, such as a store in the cluster; may stand several times. [default: public addresses over TLS alone]" };
    private readonly Option<string> _host = new("--http-host") { Description = "Address of the operator's own endpoint.", DefaultValueFactory = static _ => "0.0.0.0" };
    private readonly Option<int> _port = new("--http-port") { Description = "Its port, for /healthz, /readyz, /metrics and /decisions; 0 takes a free one.", DefaultValueFactory = static _ => 8080 };
    private readonly Option<string?> _decisions = new("--decisions") { Description = "Log of decisions, JSON lines, at most 80 MiB. [default: none; the latest are on the endpoint]" };
    private readonly Option<string[]> _ceilings = new(GpuCeiling.Option) { Description = "RESOURCE=COUNT: GPUs that all agents together may take, such as nvidia.com/gpu=8; may stand once for each resource. [default: what nodes and quotas have]" };
    private readonly Option<bool> _nodesGrow = new("--nodes-grow") { Description = "Nodes are added for pods that wait (a cluster autoscaler): the GPUs that are free on nodes bound nobody." };
    private readonly Option<string?> _prometheus = new("--prometheus-url") { Description = "Prometheus, http(s)://HOST:PORT. [default: the replicas are read directly]" };
    private readonly Option<string?> _prometheusToken = new("--prometheus-token-file") { Description = "File with the bearer token for Prometheus; read again each time." };
    private readonly Option<string?> _prometheusAuthority = new("--prometheus-ca-file") { Description = "PEM file with the authorities for its certificate. [default: the machine's]" };
    private readonly Option<string> _prometheusInterval = new("--prometheus-interval") { Description = "Time between two scrapes of a replica.", DefaultValueFactory = static _ => "15s" };
    private readonly Option<string[]> _monitoringLabels = MonitoringLabelOption.Create();
    private readonly Option<string[]> _prices = PriceOption.Create();
    private readonly LeaderOptions _leader = new();
    private readonly ApiRateOptions _rate = new();
    private readonly AdmissionOptions _admission = new();

    public static Command Create() => new RunCommand().Build();

    private Command Build()
    {
        var command = new Command("run", "Look after the InferenceAgents of a Kubernetes cluster.")
        {
            _kubeconfig, _context, _namespaces, _all, _image, _gpuImage, _pullSecrets, _ownNamespace, _ownName, _without, _renewsPods, _sources, _host, _port, _decisions, _ceilings, _nodesGrow, _prometheus, _prometheusToken, _prometheusAuthority, _prometheusInterval, _monitoringLabels, _prices,
        };
        _leader.AddTo(command);
        _rate.AddTo(command);
        _admission.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, Console.Error, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, TextWriter errors, CancellationToken cancellationToken)
    {
        KubernetesConfig config;
        ClusterOptions options;
        try
        {
            config = KubernetesConfig.Load(parsed.GetValue(_kubeconfig), parsed.GetValue(_context));
            options = Read(parsed, config);
        }
        catch (Exception e) when (e is FormatException or KubernetesConfigException)
        {
            await errors.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }

        using var loggers = OperatorLogging.Create();
        using var signals = new StopSignals(cancellationToken);
        if (config.InsecureSkipTlsVerify)
        {
            await errors.WriteLineAsync($"warning: {config.Source} says insecure-skip-tls-verify: anybody on the way may pose as {config.Server}").ConfigureAwait(false);
        }

        return await OperatorTraces.UseAsync(loggers, traces => RunAsync(options with { Traces = traces }, config, loggers, errors, signals.Stop)).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(ClusterOptions options, KubernetesConfig config, ILoggerFactory loggers, TextWriter errors, CancellationToken stop)
    {
        try
        {
            var cluster = new ClusterOperator(options, config, loggers, TimeProvider.System);
            await using (cluster.ConfigureAwait(false))
            {
                var endpoint = await OperatorEndpoint.StartAsync(options.Listen, cluster, stop).ConfigureAwait(false);
                await using (endpoint.ConfigureAwait(false))
                {
                    await errors.WriteLineAsync($"endpoint {endpoint.Address}").ConfigureAwait(false);
                    await cluster.RunAsync(stop).ConfigureAwait(false);
                }
            }

            return ExitCodes.Done;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            await errors.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    }

    /// <exception cref="FormatException">An option is wrong; the message names it.</exception>
    private ClusterOptions Read(ParseResult parsed, KubernetesConfig config)
    {
        var named = parsed.GetValue(_namespaces) ?? [];
        if (parsed.GetValue(_all) && named.Length > 0)
        {
            throw new FormatException("--watch-all and --namespace exclude each other");
        }

        if (!IPAddress.TryParse(parsed.GetValue(_host), out var host) || parsed.GetValue(_port) is not (>= 0 and <= 65535))
        {
            throw new FormatException($"--http-host {parsed.GetValue(_host)} --http-port {parsed.GetValue(_port)}: an IP address and a port from 0 to 65535 are needed");
        }

        return new ClusterOptions
        {
            Scope = parsed.GetValue(_all) ? ClusterScope.All : new ClusterScope(named.Length > 0 ? [.. named.Distinct(StringComparer.Ordinal)] : [config.Namespace]),
            Children = ReadChildren(parsed, config),
            Listen = new IPEndPoint(host, parsed.GetValue(_port)),
            DecisionsPath = parsed.GetValue(_decisions),
            GpuCeilings = GpuCeiling.Parse(parsed.GetValue(_ceilings) ?? []),
            NodesGrow = parsed.GetValue(_nodesGrow),
            Prometheus = ReadPrometheus(parsed),
            Prices = PriceOption.Read(parsed.GetValue(_prices)),
            Leases = _leader.Read(parsed, config),
            Client = _rate.Read(parsed),
            Admission = _admission.Read(parsed, config, host, parsed.GetValue(_ownNamespace)),
        };
    }

    private ChildOptions ReadChildren(ParseResult parsed, KubernetesConfig config)
    {
        var without = parsed.GetValue(_without) ?? [];
        if (without.Where(static kind => !kind.IsOptional()).ToList() is [var needed, ..])
        {
            throw new FormatException($"--without {needed}: nothing serves without it; {string.Join(", ", ChildKinds.Optional)} can be left out");
        }

        return new ChildOptions
        {
            MonitoringLabels = MonitoringLabelOption.Read(parsed.GetValue(_monitoringLabels)),
            Image = parsed.GetValue(_image)!, // Required.
            GpuImage = parsed.GetValue(_gpuImage),
            PullSecrets = [.. (parsed.GetValue(_pullSecrets) ?? []).Distinct(StringComparer.Ordinal)],
            OperatorNamespace = parsed.GetValue(_ownNamespace) ?? (config.IsInCluster ? config.Namespace : null),
            OperatorName = parsed.GetValue(_ownName)!, // It has a default.
            Without = [.. without],
            ScrapeInterval = ReadPrometheus(parsed)?.Interval,
            ModelSources = ModelSources.Read("--allow-model-source", parsed.GetValue(_sources) ?? []),
            RenewsPods = parsed.GetValue(_renewsPods),
        };
    }

    private PrometheusOptions? ReadPrometheus(ParseResult parsed)
    {
        if (parsed.GetValue(_prometheus) is not { } url)
        {
            return null;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new FormatException($"--prometheus-url: '{url}' is not http://HOST:PORT or https://HOST:PORT");
        }

        if (!Duration.TryParse(parsed.GetValue(_prometheusInterval), out var interval) || interval.Seconds is < 0.5 or > 300)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"--prometheus-interval: '{parsed.GetValue(_prometheusInterval)}' is not a duration from 500ms to 5m"));
        }

        return new PrometheusOptions
        {
            Url = address,
            TokenFile = parsed.GetValue(_prometheusToken),
            CertificateAuthorityFile = parsed.GetValue(_prometheusAuthority),
            Interval = interval.ToTimeSpan(),
        };
    }
}
