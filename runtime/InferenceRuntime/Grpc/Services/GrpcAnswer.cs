using Google.Protobuf;
using InferenceRuntime.Grpc.Protocol;

namespace InferenceRuntime.Grpc.Services;

/// <summary>What a unary method answers: a message, or why there is none.</summary>
/// <param name="Reply">The message; null when the status is not OK.</param>
/// <param name="Status">How the call ends.</param>
internal readonly record struct GrpcAnswer(IMessage? Reply, GrpcStatus Status)
{
    public static GrpcAnswer Of(IMessage reply) => new(reply, GrpcStatus.Ok);

    public static GrpcAnswer Refuse(GrpcStatus status) => new(null, status);
}
