using InferenceOperator.Core.Planning;
using InferenceRuntime.Contract;

namespace InferenceOperator.Control;

/// <summary>Core's settings in the runtime's units.</summary>
internal static class RuntimeSettingsFrom
{
    /// <summary>The document that a replica gets on its admin port and finds at start.</summary>
    public static RuntimeSettings Plan(ReplicaSettings settings) => new()
    {
        Batching = new BatchingSettings
        {
            MaxSize = settings.Batching.MaxSize,
            MaxDelayMs = settings.Batching.MaxDelay.Seconds * 1000,
        },
        Slo = settings.SloTarget is { } target ? new SloSettings { TargetMs = target.Seconds * 1000 } : null,
    };
}
