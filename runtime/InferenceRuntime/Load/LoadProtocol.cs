namespace InferenceRuntime.Load;

/// <summary>How requests are sent.</summary>
internal enum LoadProtocol
{
    /// <summary>REST with the binary tensor extension.</summary>
    Binary,

    /// <summary>REST with JSON.</summary>
    Json,

    /// <summary>gRPC with raw tensors; all clients share connections, as the calls of one channel do.</summary>
    Grpc,
}
