namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>What became of one request of a stream.</summary>
/// <param name="Id">Its id, which a client tells a failed one by.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Reply">A replica's reply where it is OK; to be disposed in any case.</param>
internal sealed record StreamedAnswer(string Id, GrpcStatus Status, GrpcReply Reply);
