using System.Diagnostics;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Transport.Parsing;
using InferenceRuntime.Transport.Replies;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport;

/// <summary>Answers the routes below <c>/v2/repository</c>: which models there are, load, unload.</summary>
/// <param name="repository">The models.</param>
/// <param name="changes">Clients may load and unload.</param>
internal sealed class RepositoryEndpoint(IModelRepository repository, bool changes)
{
    private static readonly RequestFault Forbidden =
        new(StatusCodes.Status403Forbidden, "models are not loaded or unloaded here; this server was started without --model-control");

    private static readonly RequestFault Fixed = new(StatusCodes.Status501NotImplemented, "this server's models are fixed at its start");

    private readonly RequestBody _bodies = new(RepositoryCall.LengthMax, new BodyBudget(64 * RepositoryCall.LengthMax));

    /// <summary>Reads and answers one request.</summary>
    public async Task RunAsync(RestExchange exchange, RestTarget target)
    {
        try
        {
            var aborted = exchange.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
            var reader = exchange.Features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
            var fault = target.Route != RestRoute.Index && !changes
                ? Forbidden
                : await _bodies.ReadAsync(reader, exchange.Request.Headers.ContentLength, exchange.Body, aborted).ConfigureAwait(false);
            await (fault is not null ? RefuseAsync(exchange, fault) : AnswerAsync(exchange, target, aborted)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            HttpReply.CloseAfter(exchange.Features);
            await HttpReply.RefuseAsync(exchange.Features, BrokenHttp.Fault(e)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client went away.
            HttpReply.Abort(exchange.Features);
        }
        finally
        {
            _bodies.Release(exchange.Body);
        }
    }

    private static Task RefuseAsync(RestExchange exchange, RequestFault fault)
    {
        if (fault.Status == StatusCodes.Status413PayloadTooLarge)
        {
            HttpReply.CloseAfter(exchange.Features);
        }

        return HttpReply.RefuseAsync(exchange.Features, fault);
    }

    private Task AnswerAsync(RestExchange exchange, RestTarget target, CancellationToken aborted) =>
        target.Route == RestRoute.Index ? IndexAsync(exchange) : ChangeAsync(exchange, target, aborted);

    private Task IndexAsync(RestExchange exchange)
    {
        if (RepositoryCall.ReadIndex(exchange.Body.Written.Span, out var readyOnly) is { } fault)
        {
            return RefuseAsync(exchange, fault);
        }

        var entries = repository.Index().Where(e => !readyOnly || e.State == ModelState.Ready);
        return HttpReply.SendAsync(exchange.Features, StatusCodes.Status200OK, HttpReply.Json, ModelDocuments.Index(entries));
    }

    private async Task ChangeAsync(RestExchange exchange, RestTarget target, CancellationToken aborted)
    {
        if (RepositoryCall.ReadChange(exchange.Body.Written.Span) is { } refused)
        {
            await RefuseAsync(exchange, refused).ConfigureAwait(false);
            return;
        }

        var change = target.Route == RestRoute.Load
            ? await repository.LoadAsync(target.Model, aborted).ConfigureAwait(false)
            : await repository.UnloadAsync(target.Model, aborted).ConfigureAwait(false);
        await (Fault(change, target.Model) is { } fault
            ? RefuseAsync(exchange, fault)
            : HttpReply.SendAsync(exchange.Features, StatusCodes.Status200OK, HttpReply.Json, "{}"u8.ToArray())).ConfigureAwait(false);
    }

    private static RequestFault? Fault(RepositoryChange change, string model) => change switch
    {
        RepositoryChange.Done => null,
        RepositoryChange.UnknownModel => ModelFaults.Unknown(model),
        RepositoryChange.Refused refused => RequestFault.Invalid(refused.Reason),
        RepositoryChange.Fixed => Fixed,
        _ => throw new UnreachableException(),
    };
}
