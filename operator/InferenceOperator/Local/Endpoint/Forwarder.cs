using Microsoft.AspNetCore.Connections;

namespace InferenceOperator.Local.Endpoint;

/// <summary>Answers one request for an agent: holds its body, chooses a replica, and tries a second one when the first breaks.</summary>
/// <remarks>
/// A request is sent at most twice, and the second time only while nothing of a reply has reached the client. That is safe:
/// inference has no effect but its reply. Thread safe.
/// </remarks>
/// <param name="limits">What it holds and waits for at most.</param>
/// <param name="held">Room for bodies, shared with whoever else forwards.</param>
internal sealed class Forwarder(EndpointLimits limits, HeldBytes held)
{
    private const int Tries = 2;

    /// <summary>Answers the request, and counts what became of it.</summary>
    public async Task ForwardAsync(HttpContext context, AgentRoute route)
    {
        if (!route.TryEnter())
        {
            route.Counters.Add(ForwardResult.Full);
            await RefuseFullAsync(context, $"{limits.RequestsMax} requests for agent '{route.Agent}' are being answered; no more are taken").ConfigureAwait(false);
            return;
        }

        try
        {
            route.Counters.Add(await AnswerAsync(context, route).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is OperationCanceledException or BadHttpRequestException or ConnectionAbortedException)
        {
            route.Counters.Add(ForwardResult.ClientGone);
            context.Abort();
        }
        finally
        {
            route.Leave();
        }
    }

    private async ValueTask<ForwardResult> AnswerAsync(HttpContext context, AgentRoute route)
    {
        using var body = HeldBody.Empty(held);
        switch (await body.ReadAsync(context.Request, limits.BodyBytesMax, context.RequestAborted).ConfigureAwait(false))
        {
            case HeldBody.Outcome.Complete:
                return await SendAsync(context, route, body.Bytes).ConfigureAwait(false);
            case HeldBody.Outcome.TooLarge:
                context.Response.Headers.Connection = "close";
                await ErrorReplies.WriteAsync(
                    context.Response, StatusCodes.Status413PayloadTooLarge, $"the body is over {limits.BodyBytesMax} bytes", context.RequestAborted).ConfigureAwait(false);
                return ForwardResult.TooLarge;
            case HeldBody.Outcome.NoRoom:
                context.Response.Headers.Connection = "close";
                await RefuseFullAsync(context, $"the requests being answered hold {limits.HeldBytesMax} bytes; no more are taken").ConfigureAwait(false);
                return ForwardResult.Full;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private async ValueTask<ForwardResult> SendAsync(HttpContext context, AgentRoute route, ReadOnlyMemory<byte> body)
    {
        Upstream? failed = null;
        for (var tried = 1; ; tried++)
        {
            var upstream = await route.AcquireAsync(failed, body.Length, context.RequestAborted).ConfigureAwait(false);
            if (upstream is null)
            {
                await RefuseNotReadyAsync(context, route).ConfigureAwait(false);
                return ForwardResult.NoReplica;
            }

            Exchange.Ending ending;
            try
            {
                ending = await Exchange.TryAsync(context, upstream, body, passOnRefusal: tried == Tries).ConfigureAwait(false);
            }
            finally
            {
                upstream.Release();
            }

            switch (ending)
            {
                case Exchange.Ending.Answered:
                    return ForwardResult.Answered;
                case Exchange.Ending.Silent:
                    await ErrorReplies.WriteAsync(
                        context.Response, StatusCodes.Status504GatewayTimeout, $"replica '{upstream.Name}' of agent '{route.Agent}' has said nothing for {limits.SilenceMax.TotalSeconds} s; it may still be computing, so the request was not sent to another", limits.HoldTimeMax, context.RequestAborted).ConfigureAwait(false);
                    return ForwardResult.Silent;
                case Exchange.Ending.CutShort:
                    context.Abort();
                    return ForwardResult.CutShort;
                case Exchange.Ending.HeadTooLong:
                    await ErrorReplies.WriteAsync(
                        context.Response, StatusCodes.Status431RequestHeaderFieldsTooLarge, $"the headers are over {RequestHead.BytesMax} bytes", context.RequestAborted).ConfigureAwait(false);
                    return ForwardResult.TooLarge;
                case Exchange.Ending.Unanswered or Exchange.Ending.TurnedAway when tried < Tries:
                    route.Counters.AddTriedAgain();
                    failed = upstream;
                    break;
                case Exchange.Ending.Unanswered or Exchange.Ending.TurnedAway:
                    await ErrorReplies.WriteAsync(
                        context.Response, StatusCodes.Status502BadGateway, $"replica '{upstream.Name}' of agent '{route.Agent}' broke the connection, and so did one before it", context.RequestAborted).ConfigureAwait(false);
                    return ForwardResult.Broken;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
    }

    private Task RefuseNotReadyAsync(HttpContext context, AgentRoute route) =>
        ErrorReplies.WriteAsync(context.Response, StatusCodes.Status503ServiceUnavailable, route.WhyNone(), limits.HoldTimeMax, context.RequestAborted);

    private static Task RefuseFullAsync(HttpContext context, string error) =>
        ErrorReplies.WriteAsync(context.Response, StatusCodes.Status503ServiceUnavailable, error, TimeSpan.FromSeconds(1), context.RequestAborted);
}
