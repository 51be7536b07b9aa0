using System.Diagnostics;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>Answers one call for an agent: chooses a replica, and tries a second one when the first breaks.</summary>
/// <remarks>As for REST a call is sent at most twice, the second time only while nothing of a reply has reached the client. Thread safe.</remarks>
internal sealed class GrpcForwarder(EndpointLimits limits, TimeProvider time)
{
    private const int Tries = 2;

    private static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(1);

    /// <summary>Gives how the call ended, and its reply where that is a replica's; counts what became of it.</summary>
    /// <exception cref="OperationCanceledException">The client has gone away.</exception>
    public async ValueTask<GrpcStatus> ForwardAsync(AgentRoute route, GrpcCall call, GrpcReply reply)
    {
        if (!route.TryEnter())
        {
            route.Counters.Add(ForwardResult.Full);
            return GrpcStatus.Of(GrpcCode.ResourceExhausted, $"{limits.RequestsMax} requests for agent '{route.Agent}' are being answered; no more are taken", ComeAgain);
        }

        try
        {
            var (result, status) = await SendAsync(route, call, reply).ConfigureAwait(false);
            route.Counters.Add(result);
            return status;
        }
        catch (OperationCanceledException) when (!call.Span.IsAborted)
        {
            // The client's clock has come to the same end: to it the call is over.
            route.Counters.Add(ForwardResult.ClientGone);
            return GrpcStatus.Expired;
        }
        catch (OperationCanceledException)
        {
            route.Counters.Add(ForwardResult.ClientGone);
            throw;
        }
        finally
        {
            route.Leave();
        }
    }

    private async ValueTask<(ForwardResult Result, GrpcStatus Status)> SendAsync(AgentRoute route, GrpcCall call, GrpcReply reply)
    {
        Upstream? failed = null;
        for (var tried = 1; ; tried++)
        {
            if (call.Span.IsExpired)
            {
                throw new OperationCanceledException("the deadline has come");
            }

            var upstream = await route.AcquireAsync(failed, call.Frame.Length, call.Span.Token).ConfigureAwait(false);
            if (upstream is null)
            {
                return (ForwardResult.NoReplica, GrpcStatus.Of(GrpcCode.Unavailable, route.WhyNone(), limits.HoldTimeMax));
            }

            GrpcExchange.Ending ending;
            try
            {
                ending = await GrpcExchange.TryAsync(call, upstream, reply, passOnRefusal: tried == Tries, limits, time).ConfigureAwait(false);
            }
            finally
            {
                upstream.Release();
            }

            switch (ending)
            {
                case GrpcExchange.Ending.Answered:
                    return (ForwardResult.Answered, reply.Status);
                case GrpcExchange.Ending.Silent:
                    return (ForwardResult.Silent, GrpcStatus.Of(GrpcCode.DeadlineExceeded, $"replica '{upstream.Name}' of agent '{route.Agent}' has said nothing for {limits.SilenceMax.TotalSeconds} s; it may still be computing, so the call was not sent to another"));
                case GrpcExchange.Ending.NoRoom:
                    return (ForwardResult.Full, NoRoom());
                case GrpcExchange.Ending.Unanswered or GrpcExchange.Ending.TurnedAway when tried < Tries:
                    route.Counters.AddTriedAgain();
                    failed = upstream;
                    break;
                case GrpcExchange.Ending.Unanswered or GrpcExchange.Ending.TurnedAway:
                    return (ForwardResult.Broken, GrpcStatus.Of(GrpcCode.Unavailable, $"replica '{upstream.Name}' of agent '{route.Agent}' broke the connection, and so did one before it"));
                default:
                    throw new UnreachableException();
            }
        }
    }

    /// <summary>What is said where the endpoint holds as many bytes as it may.</summary>
    public GrpcStatus NoRoom() => GrpcStatus.Of(GrpcCode.ResourceExhausted, $"the requests being answered hold {limits.HeldBytesMax} bytes; no more are taken", ComeAgain);

    /// <summary>What is said of a message that is too long.</summary>
    public GrpcStatus TooLong() => GrpcStatus.Of(GrpcCode.ResourceExhausted, $"the message is over {limits.BodyBytesMax} bytes");
}
