using System.Diagnostics;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>The names of gRPC's status codes as its documents write them.</summary>
internal static class GrpcCodeNames
{
    public static string Name(this GrpcCode code) => code switch
    {
        GrpcCode.Ok => "OK",
        GrpcCode.Cancelled => "CANCELLED",
        GrpcCode.InvalidArgument => "INVALID_ARGUMENT",
        GrpcCode.DeadlineExceeded => "DEADLINE_EXCEEDED",
        GrpcCode.NotFound => "NOT_FOUND",
        GrpcCode.PermissionDenied => "PERMISSION_DENIED",
        GrpcCode.ResourceExhausted => "RESOURCE_EXHAUSTED",
        GrpcCode.FailedPrecondition => "FAILED_PRECONDITION",
        GrpcCode.Unimplemented => "UNIMPLEMENTED",
        GrpcCode.Internal => "INTERNAL",
        GrpcCode.Unavailable => "UNAVAILABLE",
        GrpcCode.Unauthenticated => "UNAUTHENTICATED",
        _ => throw new UnreachableException(),
    };
}
