using System.Collections.Immutable;
using System.Diagnostics;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>How the API server calls the kinds of children.</summary>
internal static class ChildKinds
{
    public static ImmutableArray<ChildKind> All { get; } = [ChildKind.ConfigMap, ChildKind.Service, ChildKind.Deployment];

    public static ResourceType Type(this ChildKind kind) => kind switch
    {
        ChildKind.ConfigMap => ResourceType.ConfigMaps,
        ChildKind.Service => ResourceType.Services,
        ChildKind.Deployment => ResourceType.Deployments,
        _ => throw new UnreachableException(),
    };
}
