using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Plants;

/// <summary>Agents for tests.</summary>
internal static class Agents
{
    public static InferenceAgent Of(
        string? target = "50ms", int min = 1, int max = 20, int? replicas = null, ScalingMode mode = ScalingMode.Auto, string window = "120s", int maxBatch = 64, string maxDelay = "0s") => new()
    {
        Metadata = new AgentMetadata { Name = "ranker", Namespace = "ads", Uid = "1", Generation = 1 },
        Spec = new AgentSpec
        {
            Model = new ModelSpec { Uri = "pvc://models/ranker.onnx" },
            Slo = target is null ? null : new SloSpec { Latency = new LatencySloSpec { Target = Duration.Parse(target) } },
            Scaling = new ScalingSpec
            {
                Mode = mode,
                MinReplicas = min,
                MaxReplicas = max,
                Replicas = replicas,
                ScaleDown = new ScaleDownSpec { Window = Duration.Parse(window) },
            },
            Batching = new BatchingSpec { MaxSize = maxBatch, MaxDelay = Duration.Parse(maxDelay) },
        },
    };
}
