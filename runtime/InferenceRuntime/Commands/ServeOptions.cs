using System.Collections.Immutable;
using System.Net;
using InferenceRuntime.Caching;
using InferenceRuntime.Execution.Providers;
using InferenceRuntime.Execution.Variants;

namespace InferenceRuntime.Commands;

/// <summary>What <c>inference-runtime serve</c> was told; checked.</summary>
internal sealed record ServeOptions
{
    /// <summary>Largest legal <see cref="RequestBytesMax"/>: four times as much still fits one array.</summary>
    public const long RequestBytesLimit = 256L << 20;

    /// <summary>Folder of models that are served in place of <see cref="ModelPath"/>; null: that one.</summary>
    public string? RepositoryPath { get; init; }

    /// <summary>Most memory that versions of the folder which are announced for later take before they serve, bytes.</summary>
    public long AnnouncedBytesMax { get; init; } = 1L << 30;

    /// <summary>The ONNX file; empty with <see cref="RepositoryPath"/>, as is <see cref="Name"/>.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Folders in one of which the model's and variants' files have to lie once all links are followed; null: anywhere.</summary>
    public IReadOnlyList<string>? Roots { get; init; }

    /// <summary>Name the model is served under; stands in paths, so it holds no slash.</summary>
    public required string Name { get; init; }

    public string Version { get; init; } = "1";

    /// <summary>Pinned SHA-256 of the file; null when it is not pinned.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Other forms of the model that are resident beside it.</summary>
    public IReadOnlyList<VariantFile> Variants { get; init; } = [];

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>REST port; 0 for a free one, as with the others.</summary>
    public int HttpPort { get; init; } = 8000;

    public int GrpcPort { get; init; } = 8001;

    public int MetricsPort { get; init; } = 8002;

    public int AdminPort { get; init; } = 8003;

    public string? SettingsPath { get; init; }

    public string? AdminTokenPath { get; init; }

    /// <summary>Where cached responses come from before the replica is ready; null for nowhere.</summary>
    public PrefetchOptions? Prefetch { get; init; }

    public int? Threads { get; init; }

    public int Instances { get; init; } = 1;

    /// <summary>By what models are run.</summary>
    public AcceleratorOptions Accelerator { get; init; } = new();

    public string? AgentNamespace { get; init; }

    public string? Agent { get; init; }

    public string? Replica { get; init; }

    /// <summary>Time between saying not ready and refusing work, in which clients find other replicas.</summary>
    public TimeSpan DrainDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest that what is in flight may take after that.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest request body.</summary>
    public long RequestBytesMax { get; init; } = 64L << 20;

    /// <summary>Where the bound endpoints are written; null for nowhere.</summary>
    public string? PortFilePath { get; init; }

    /// <summary>Where the reason of a failed start is written, as Kubernetes reads it; null for nowhere.</summary>
    public string? TerminationLogPath { get; init; }

    /// <summary>Clients of the data ports may load and unload models.</summary>
    public bool ModelControl { get; init; }

    /// <summary>Mean age at which a connection to a data port is asked to go; zero for never.</summary>
    public TimeSpan ConnectionAgeMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>PEM file of the data ports' certificate, with those between it and its root; null: they do not speak TLS.</summary>
    public string? TlsCertificatePath { get; init; }

    /// <summary>PEM file of its private key; null exactly when there is no certificate.</summary>
    public string? TlsKeyPath { get; init; }

    /// <summary>PEM file of the roots of clients' certificates, which are then required; null: clients need none.</summary>
    public string? TlsClientCaPath { get; init; }

    /// <summary>File of the bearer tokens of the data ports, one a line; null: clients need none.</summary>
    public string? TokenPath { get; init; }

    /// <summary>Origins of web pages whose scripts may read replies of the REST port.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>What every span says of the replica: <c>service.instance.id</c> and the agent, where they were given.</summary>
    public ImmutableArray<KeyValuePair<string, object>> TraceResource()
    {
        KeyValuePair<string, string?>[] attributes =
        [
            new("service.instance.id", Replica),
            new("inference.agent.name", Agent),
            new("inference.agent.namespace", AgentNamespace),
        ];
        return [.. attributes.Where(static a => a.Value is not null).Select(static a => new KeyValuePair<string, object>(a.Key, a.Value!))];
    }

    /// <summary>Labels of every metric: those that were given, and the model where there is one.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> MetricLabels()
    {
        KeyValuePair<string, string?>[] labels =
        [
            new(Contract.MetricLabels.Agent, Agent),
            new(Contract.MetricLabels.AgentNamespace, AgentNamespace),
            new(Contract.MetricLabels.Replica, Replica),
            new(Contract.MetricLabels.Model, RepositoryPath is null ? Name : null),
        ];
        return [.. labels.Where(static l => l.Value is not null).Select(static l => new KeyValuePair<string, string>(l.Key, l.Value!))];
    }
}
