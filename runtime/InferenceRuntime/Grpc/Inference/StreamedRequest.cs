using InferenceRuntime.Core.Serving;
using InferenceRuntime.Grpc.Protocol;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>One request of a stream, from its arrival to its reply.</summary>
internal sealed class StreamedRequest
{
    public GrpcCall Call { get; } = new();

    /// <summary>Why it was not run; null when it was.</summary>
    public GrpcStatus? Fault { get; set; }

    /// <summary>What becomes of it; null when it was not run.</summary>
    public Task<InferenceOutcome>? Outcome { get; set; }
}
