using System.Collections.Immutable;
using System.Net;
using InferenceOperator.Cluster.Admission;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Metrics;
using InferenceRuntime.Telemetry;

namespace InferenceOperator.Cluster;

/// <summary>How the command <c>run</c> works.</summary>
internal sealed record ClusterOptions
{
    /// <summary>Kubeconfig file; null: <c>KUBECONFIG</c>, the pod's own account, <c>~/.kube/config</c>.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Context of the kubeconfig; null: its current one.</summary>
    public string? Context { get; init; }

    public ClusterScope Scope { get; init; } = ClusterScope.All;

    /// <summary>What agents get beside their pods, and the image of those.</summary>
    public required ChildOptions Children { get; init; }

    /// <summary>Where the operator's own endpoint listens; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Any, 8080);

    /// <summary>Prometheus; null: the replicas are read directly, always.</summary>
    public PrometheusOptions? Prometheus { get; init; }

    /// <summary>Log of decisions, a file; null: only the latest are kept, in memory.</summary>
    public string? DecisionsPath { get; init; }

    /// <summary>GPUs by resource that all agents together may take.</summary>
    public ImmutableArray<GpuCeiling> GpuCeilings { get; init; } = [];

    /// <summary>True: nodes are added for pods that wait, so that what is free on them bounds nobody.</summary>
    public bool NodesGrow { get; init; }

    /// <summary>What devices cost; null: nobody said, all cost the same.</summary>
    public GpuPrices? Prices { get; init; }

    /// <summary>Longest time between two control steps of one agent.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Least time of one block of a roll-out's comparison.</summary>
    public TimeSpan RolloutBlock { get; init; } = RolloutControl.BlockLength;

    /// <summary>The Leases that this replica contends for before it works; null: it is the only one, and works at once.</summary>
    public LeaseOptions? Leases { get; init; }

    /// <summary>How hard the API server may be pressed.</summary>
    public KubernetesClientOptions Client { get; init; } = new();

    /// <summary>Where traces of turns go, the caller's to end; null for none.</summary>
    public Traces? Traces { get; init; }

    /// <summary>The admission webhook; null: none is served.</summary>
    public AdmissionSettings? Admission { get; init; }

    /// <summary>Agents that are reconciled at the same time.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>Longest that a replica may take to answer on its metrics or admin port.</summary>
    public TimeSpan ReplicaTimeout { get; init; } = TimeSpan.FromSeconds(3);
}
