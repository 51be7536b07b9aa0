using System.Net;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>Sends one call to one replica and takes its reply.</summary>
internal static class GrpcExchange
{
    /// <summary>How one try ended.</summary>
    public enum Ending
    {
        /// <summary>The reply is whole, whatever it says.</summary>
        Answered,

        /// <summary>The connection broke: the call may be sent elsewhere.</summary>
        Unanswered,

        /// <summary>The replica takes no new work; the call may be sent elsewhere.</summary>
        TurnedAway,

        /// <summary>The replica said nothing for as long as it may; it may still be computing, so that the call is not sent elsewhere.</summary>
        Silent,

        /// <summary>The reply is longer than what the endpoint may hold.</summary>
        NoRoom,
    }

    /// <summary>One try at one replica. What is not waited for any more is cancelled there too.</summary>
    /// <param name="call">The call.</param>
    /// <param name="upstream">The replica, acquired.</param>
    /// <param name="reply">Takes the reply.</param>
    /// <param name="passOnRefusal">True: UNAVAILABLE is the answer. False: it is <see cref="Ending.TurnedAway"/>.</param>
    /// <param name="limits">The endpoint's limits.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="OperationCanceledException">The client has gone away, or the deadline has come.</exception>
    public static async ValueTask<Ending> TryAsync(GrpcCall call, Upstream upstream, GrpcReply reply, bool passOnRefusal, EndpointLimits limits, TimeProvider time)
    {
        var silence = new Silence(limits.SilenceMax, time);
        await using (silence.ConfigureAwait(false))
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Span.Token, silence.Token);
            try
            {
                return await ExchangeAsync(call, upstream, reply, passOnRefusal, limits, silence, end.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                // Cancelled without either end having come: connecting took longer than it may.
                call.Span.Token.ThrowIfCancellationRequested();
                upstream.TakeOut();
                return silence.HasEnded ? Ending.Silent : Ending.Unanswered;
            }
        }
    }

    private static async ValueTask<Ending> ExchangeAsync(
        GrpcCall call, Upstream upstream, GrpcReply reply, bool passOnRefusal, EndpointLimits limits, Silence silence, CancellationToken cancellationToken)
    {
        using var content = new FrameContent(call.Frame);
        try
        {
            using var request = Request(call, upstream, content);
            using var response = await upstream.Grpc.SendAsync(request, cancellationToken).ConfigureAwait(false);
            reply.Body.Clear();
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                if (await reply.Body.ReadAsync(stream, limits.HeldBytesMax, silence.Break, cancellationToken).ConfigureAwait(false) is not HeldBody.Outcome.Complete)
                {
                    return Ending.NoRoom;
                }
            }

            if (response.StatusCode is not HttpStatusCode.OK || !reply.TryEnd(response))
            {
                upstream.TakeOut();
                return Ending.Unanswered;
            }

            if (reply.Status.Code == GrpcStatus.UnavailableCode && !passOnRefusal)
            {
                return Ending.TurnedAway;
            }

            upstream.TakeBack();
            return Ending.Answered;
        }
        finally
        {
            await content.ReleasedAsync().ConfigureAwait(false);
        }
    }

    private static HttpRequestMessage Request(GrpcCall call, Upstream upstream, FrameContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{upstream.Grpc.Address}{call.Path}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        Add("grpc-encoding", call.Encoding);
        Add("grpc-accept-encoding", call.AcceptEncoding);
        Add("traceparent", call.Trace.Parent);
        Add("tracestate", call.Trace.State);
        Add("grpc-timeout", call.Span.Left is { } left ? CallTimeout.Write(left) : null);
        return request;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }
}
