using System.Collections.Immutable;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>What the operator's options say of the children of all agents.</summary>
internal sealed record ChildOptions
{
    /// <summary>Image of <c>inference-runtime</c> for new pods.</summary>
    public required string Image { get; init; }

    /// <summary>Image of <c>inference-runtime</c> for new pods that have GPUs; null: <see cref="Image"/>.</summary>
    public string? GpuImage { get; init; }

    /// <summary>Secrets, by name in each agent's namespace, with which images are pulled.</summary>
    public ImmutableArray<string> PullSecrets { get; init; } = [];

    /// <summary>The namespace of the operator's own pods; null: it runs outside of the cluster, where no NetworkPolicy could let it in, so that none is made.</summary>
    public string? OperatorNamespace { get; init; }

    /// <summary>What the operator's own pods are called in <see cref="ChildLabels.Name"/>.</summary>
    public string OperatorName { get; init; } = "inference-operator";

    /// <summary>Optional kinds that no agent gets.</summary>
    public ImmutableHashSet<ChildKind> Without { get; init; } = [];

    /// <summary>Time between two scrapes that a PodMonitor asks for; null: as Prometheus does by default.</summary>
    public TimeSpan? ScrapeInterval { get; init; }

    /// <summary>Labels on each agent's PodMonitor and PrometheusRule, by which Prometheus finds them.</summary>
    public ImmutableSortedDictionary<string, string> MonitoringLabels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Addresses, networks and host names that are not public and from which models may be fetched all the same.</summary>
    public ImmutableArray<string> ModelSources { get; init; } = [];

    /// <summary>True: replicas of agents that did not change get this operator's image and rendering too.</summary>
    public bool RenewsPods { get; init; }

    /// <summary>Image of the runtime for new pods with these GPUs.</summary>
    public string ImageOf(GpuSpec gpu) => gpu.Count > 0 ? GpuImage ?? Image : Image;
}
