namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>A replica's reply, held until it is whole.</summary>
internal sealed class GrpcReply(HeldBytes room) : IDisposable
{
    /// <summary>Its frames.</summary>
    public HeldBody Body { get; } = HeldBody.Empty(room);

    /// <summary>Its <c>grpc-encoding</c>; null: not said.</summary>
    public string? Encoding { get; private set; }

    /// <summary>How the call ended.</summary>
    public GrpcStatus Status { get; private set; } = GrpcStatus.Ok;

    /// <summary>Takes what the whole reply says of itself; false when it does not say how the call ended.</summary>
    public bool TryEnd(HttpResponseMessage reply)
    {
        if (Header(reply, "grpc-status") is not { } code)
        {
            return false;
        }

        Encoding = Header(reply, "grpc-encoding");
        Status = new GrpcStatus(code, Header(reply, "grpc-message") ?? "", Header(reply, "grpc-retry-pushback-ms"));
        return true;
    }

    public void Dispose() => Body.Dispose();

    // In the trailers, or, when there was no message, in the headers.
    private static string? Header(HttpResponseMessage reply, string name) =>
        reply.TrailingHeaders.NonValidated.TryGetValues(name, out var values) || reply.Headers.NonValidated.TryGetValues(name, out values) ? values.ToString() : null;
}
