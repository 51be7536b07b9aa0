namespace InferenceRuntime.Transport;

/// <summary>What a path on the REST port means.</summary>
internal enum RestRoute
{
    Unknown,
    UnknownModel,
    UnknownVersion,
    Server,
    Live,
    Ready,
    Model,
    ModelReady,
    Infer,
}
