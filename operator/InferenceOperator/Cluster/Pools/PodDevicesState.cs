using System.Collections.Immutable;
using InferenceOperator.Cluster.Observation;

namespace InferenceOperator.Cluster.Pools;

/// <summary>The part of a Pod that says which devices it takes, and where.</summary>
internal sealed record PodDevicesState
{
    public PodMetadata Metadata { get; set; } = new();
    public PodDevicesSpec Spec { get; set; } = new();

    /// <summary>The part of its spec.</summary>
    internal sealed record PodDevicesSpec
    {
        public string? NodeName { get; set; }
        public ImmutableArray<ContainerDevices> Containers { get; set; } = [];
        public ImmutableArray<ContainerDevices> InitContainers { get; set; } = [];
    }

    /// <summary>The part of a container.</summary>
    internal sealed record ContainerDevices
    {
        /// <summary><c>Always</c> on an init container: it runs beside the others.</summary>
        public string? RestartPolicy { get; set; }
        public ContainerResources Resources { get; set; } = new();
    }

    /// <summary>What a container asks for. Of devices the limits are the requests.</summary>
    internal sealed record ContainerResources
    {
        public ImmutableSortedDictionary<string, string>? Limits { get; set; }
    }
}
