namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>The status codes of gRPC that the endpoint itself answers with; a replica's own are passed on as they come.</summary>
internal enum GrpcCode
{
    Ok = 0,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    ResourceExhausted = 8,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
}
