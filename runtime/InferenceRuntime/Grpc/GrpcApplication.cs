using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Grpc;

/// <summary>The gRPC port: Open Inference Protocol v2, health and reflection over HTTP/2.</summary>
/// <param name="methods">What can be called.</param>
/// <param name="tokens">Tokens that clients need, except for health; null: they need none.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Where failures are told.</param>
/// <remarks>Source: gRPC over HTTP2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).</remarks>
internal sealed partial class GrpcApplication(
    GrpcMethods methods, BearerTokens? tokens, TimeProvider clock, ILogger<GrpcApplication> logger) : IHttpApplication<GrpcExchange>
{
    private static readonly GrpcStatus Unknown = new(GrpcCode.Unimplemented, "this server has no such method");
    private static readonly GrpcStatus Unauthenticated = new(GrpcCode.Unauthenticated, "a bearer token is needed");

    public GrpcExchange CreateContext(IFeatureCollection contextFeatures)
    {
        GrpcExchange exchange;
        if (contextFeatures is IHostContextContainer<GrpcExchange> stream)
        {
            exchange = stream.HostContext ??= new GrpcExchange();
        }
        else
        {
            exchange = new GrpcExchange();
        }

        exchange.Begin(contextFeatures, clock.GetTimestamp());
        return exchange;
    }

    public Task ProcessRequestAsync(GrpcExchange context)
    {
        var request = context.Request;
        if (!HttpMethods.IsPost(request.Method))
        {
            return HttpReply.RefuseVerbAsync(context.Features, HttpMethods.Post);
        }

        if (!CallHead.IsGrpc(request.Headers.ContentType))
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        var call = methods.Find(request.Path);
        var fault = call is null ? Unknown : IsAdmitted(request) ? CallHead.Read(context, clock) : Unauthenticated;
        if (fault is not null)
        {
            GrpcReply.End(context, fault);
            return Task.CompletedTask;
        }

        return RunAsync(context, call!);    // Without one there is a fault.
    }

    public void DisposeContext(GrpcExchange context, Exception? exception)
    {
        // Everything borrowed has been given back when the call ended.
    }

    private bool IsAdmitted(IHttpRequestFeature request) =>
        tokens is null || GrpcMethods.IsHealth(request.Path) || tokens.Admits(request.Headers.Authorization.ToString());

    private async Task RunAsync(GrpcExchange exchange, GrpcMethods.Call call)
    {
        GrpcStatus status;
        try
        {
            status = await call(exchange).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            status = GrpcStatus.Cancelled;
        }
        catch (Exception e)
        {
            LogFailure(e);
            status = GrpcStatus.Internal;
        }

        GrpcReply.End(exchange, status);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A call failed in a way that nothing answers for")]
    private partial void LogFailure(Exception exception);
}
