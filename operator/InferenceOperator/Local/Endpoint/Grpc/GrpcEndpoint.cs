using System.Text;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>The gRPC port in front of all agents: Open Inference Protocol v2, each call forwarded to the agent that its message names, and health.</summary>
/// <remarks>Source: gRPC over HTTP2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Thread safe.</remarks>
/// <param name="routes">The agents.</param>
/// <param name="limits">What is held and waited for at most.</param>
/// <param name="held">Room for messages, shared with REST.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Cancelled when the endpoint stops: streams take no more requests.</param>
internal sealed class GrpcEndpoint(RouteTable routes, EndpointLimits limits, HeldBytes held, TimeProvider time, CancellationToken stopping)
{
    /// <summary>The protocol's service.</summary>
    public const string ServiceName = "inference.GRPCInferenceService";

    private const string Prefix = "/" + ServiceName + "/";

    private static readonly string[] Extensions = ["model_configuration", "schedule_policy"];

    private readonly GrpcForwarder _forwarder = new(limits, time);
    private readonly GrpcHealth _health = new(routes, time);

    /// <summary>Answers one call.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || !GrpcHead.IsGrpc(context.Request.ContentType))
        {
            context.Response.StatusCode = HttpMethods.IsPost(context.Request.Method) ? StatusCodes.Status415UnsupportedMediaType : StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (GrpcHead.Read(context.Request.Headers, out var fault) is not { } head)
        {
            GrpcAnswers.End(context, fault);
            return;
        }

        using var span = new CallSpan(head.Timeout, time, context.RequestAborted);
        try
        {
            await AnswerAsync(context, head, span).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!span.IsAborted && span.IsExpired)
        {
            GrpcAnswers.End(context, GrpcStatus.Expired);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or BadHttpRequestException)
        {
            context.Abort(); // The client went away.
        }
    }

    private Task AnswerAsync(HttpContext context, GrpcHead head, CallSpan span) => context.Request.Path.Value switch
    {
        Prefix + "ModelInfer" or Prefix + "ModelMetadata" or Prefix + "ModelConfig" or Prefix + "ModelStatistics" => UnaryAsync(context, head, span, ForwardAsync),
        Prefix + "ModelStreamInfer" => StreamAsync(context, head, span),
        Prefix + "ModelReady" => UnaryAsync(context, head, span, AnswerReadyAsync),
        Prefix + "ServerLive" => UnaryAsync(context, head, span, static (context, _, _) => GrpcAnswers.WriteAsync(context, new List<byte>().Number(1, 1))),
        Prefix + "ServerReady" => UnaryAsync(context, head, span, (context, _, _) => GrpcAnswers.WriteAsync(context, new List<byte>().Number(1, _health.IsReady ? 1 : 0))),
        Prefix + "ServerMetadata" => UnaryAsync(context, head, span, static (context, _, _) => GrpcAnswers.WriteAsync(context, Metadata())),
        GrpcHealth.Prefix + "Check" => UnaryAsync(context, head, span, (context, name, _) => _health.CheckAsync(context, name)),
        GrpcHealth.Prefix + "Watch" => WatchAsync(context, head, span),
        _ => EndAsync(context, GrpcStatus.Of(GrpcCode.Unimplemented, "the endpoint has no such method")),
    };

    /// <summary>The agent that a request names, or why there is none.</summary>
    public AgentRoute? Find(string name, out GrpcStatus fault)
    {
        fault = GrpcStatus.Ok;
        if (routes.Find(name) is { } route)
        {
            return route;
        }

        fault = GrpcStatus.Of(name.Length == 0 ? GrpcCode.InvalidArgument : GrpcCode.NotFound, UnknownAgent.Say(name, routes));
        return null;
    }

    /// <summary>What a request says in its field for the name; null: it cannot be read.</summary>
    public static string? NameIn(ReadOnlyMemory<byte> frame)
    {
        var message = GrpcFrame.Message(frame);
        return (GrpcFrame.IsCompressed(frame.Span)
            ? TextField.TryFindCompressed(message, TextField.Name, out var name)
            : TextField.TryFind(message.Span, TextField.Name, out name)) ? Encoding.UTF8.GetString(name) : null;
    }

    private static List<byte> Metadata()
    {
        var message = new List<byte>().Text(1, EndpointServer.Name).Text(2, EndpointServer.Version);
        foreach (var extension in Extensions)
        {
            message.Text(3, extension);
        }

        return message;
    }

    private static Task EndAsync(HttpContext context, GrpcStatus status)
    {
        GrpcAnswers.End(context, status);
        return Task.CompletedTask;
    }

    private async Task UnaryAsync(HttpContext context, GrpcHead head, CallSpan span, Func<HttpContext, string, GrpcCall, Task> answer)
    {
        using var body = HeldBody.Empty(held);
        if (await ReadAsync(context, body, span).ConfigureAwait(false) is { } fault)
        {
            GrpcAnswers.End(context, fault);
            return;
        }

        if (NameIn(body.Bytes) is not { } name)
        {
            GrpcAnswers.End(context, GrpcStatus.Of(GrpcCode.InvalidArgument, "the message is not what this method takes"));
            return;
        }

        await answer(context, name, new GrpcCall(context.Request.Path.Value ?? "", body.Bytes, head.Encoding, head.AcceptEncoding, head.Trace, span)).ConfigureAwait(false);
    }

    private async ValueTask<GrpcStatus?> ReadAsync(HttpContext context, HeldBody body, CallSpan span)
    {
        var reader = context.Request.BodyReader;
        return await GrpcFrame.ReadAsync(reader, body, limits.BodyBytesMax, span.Token).ConfigureAwait(false) switch
        {
            GrpcFrame.Outcome.Complete when await GrpcFrame.IsEndAsync(reader, span.Token).ConfigureAwait(false) => null,
            GrpcFrame.Outcome.Complete or GrpcFrame.Outcome.End => GrpcStatus.Of(GrpcCode.Unimplemented, "this method takes one message"),
            GrpcFrame.Outcome.TooLarge => _forwarder.TooLong(),
            GrpcFrame.Outcome.NoRoom => _forwarder.NoRoom(),
            GrpcFrame.Outcome.Malformed => GrpcStatus.Of(GrpcCode.InvalidArgument, "the body is no message with its length before it"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private async Task ForwardAsync(HttpContext context, string name, GrpcCall call)
    {
        if (Find(name, out var fault) is not { } route)
        {
            GrpcAnswers.End(context, fault);
            return;
        }

        using var reply = new GrpcReply(held);
        var status = await _forwarder.ForwardAsync(route, call, reply).ConfigureAwait(false);
        if (ReferenceEquals(status, reply.Status))
        {
            await GrpcAnswers.WriteAsync(context, reply).ConfigureAwait(false);
            return;
        }

        GrpcAnswers.End(context, status);
    }

    // Somebody who only looks whether a model answers should not wake it, and need not wait for it either.
    private Task AnswerReadyAsync(HttpContext context, string name, GrpcCall call) => routes.Find(name) is { State.Upstreams.IsEmpty: false }
        ? ForwardAsync(context, name, call)
        : GrpcAnswers.WriteAsync(context, new List<byte>().Number(1, routes.Find(name) is { State.IsAsleep: true } ? 1 : 0));

    private Task WatchAsync(HttpContext context, GrpcHead head, CallSpan span)
    {
        StreamedCalls.MayRest(context);
        return UnaryAsync(context, head, span, (context, name, _) => _health.WatchAsync(context, name, span, stopping));
    }

    private async Task StreamAsync(HttpContext context, GrpcHead head, CallSpan span)
    {
        StreamedCalls.MayRest(context);
        using var calls = new StreamedCalls(context, this, _forwarder, head, span, limits, held, stopping);
        GrpcAnswers.End(context, await calls.RunAsync().ConfigureAwait(false));
    }
}
