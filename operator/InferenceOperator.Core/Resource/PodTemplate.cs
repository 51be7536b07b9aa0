using System.Collections.Frozen;

namespace InferenceOperator.Core.Resource;

/// <summary>Where the fields of <see cref="AgentSpec.Template"/> belong.</summary>
public static class PodTemplate
{
    /// <summary>Fields of Kubernetes' <c>Container</c>; every other field is one of <c>PodSpec</c>.</summary>
    public static FrozenSet<string> ContainerFields { get; } =
        FrozenSet.Create(StringComparer.Ordinal, "resources", "env", "envFrom", "volumeMounts", "image", "imagePullPolicy");
}
