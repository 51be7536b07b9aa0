namespace InferenceRuntime.Grpc.Protocol;

/// <summary>What reading the next message of a call gave: a message, the end, or a fault.</summary>
/// <param name="IsMessage">The message is there.</param>
/// <param name="Fault">Why the call cannot go on; null for a message and for the end.</param>
internal readonly record struct FrameReading(bool IsMessage, GrpcStatus? Fault)
{
    /// <summary>The client has sent all it wanted to.</summary>
    public static readonly FrameReading End;

    public static readonly FrameReading Message = new(IsMessage: true, Fault: null);

    public static FrameReading Broken(GrpcStatus fault) => new(IsMessage: false, fault);
}
