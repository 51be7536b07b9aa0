namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>One call on its way to a replica.</summary>
/// <param name="Path">The method's path.</param>
/// <param name="Frame">Its one message with prefix.</param>
/// <param name="Encoding"><c>grpc-encoding</c>; null: not said.</param>
/// <param name="AcceptEncoding"><c>grpc-accept-encoding</c>; null: the reply must not be compressed.</param>
/// <param name="Trace">The caller's trace.</param>
/// <param name="Span">How long it may take.</param>
internal readonly record struct GrpcCall(
    string Path, ReadOnlyMemory<byte> Frame, string? Encoding, string? AcceptEncoding, TraceHeaders Trace, CallSpan Span);
