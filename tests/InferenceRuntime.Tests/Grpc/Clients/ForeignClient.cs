namespace InferenceRuntime.Tests.Grpc.Clients;

/// <summary>A gRPC client that nobody here wrote.</summary>
public enum ForeignClient
{
    /// <summary>@grpc/grpc-js of npm.</summary>
    GrpcJs,

    /// <summary>grpcio of Debian's Python.</summary>
    Python,
}
