namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>The caller's trace as its headers say it, passed on as it stands: whether it is well formed is the replica's to judge.</summary>
/// <param name="Parent"><c>traceparent</c>; null: not said.</param>
/// <param name="State"><c>tracestate</c>; null: not said.</param>
internal readonly record struct TraceHeaders(string? Parent, string? State);
