namespace InferenceRuntime.Transport;

/// <summary>What a path on the REST port means.</summary>
internal enum RestRoute
{
    Unknown,
    Server,
    Live,
    Ready,
    Model,
    ModelReady,
    ModelConfig,
    ModelStatistics,
    Infer,
    AllStatistics,
    Index,
    Load,
    Unload,
}
