using System.Diagnostics;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Transport.Access;
using InferenceRuntime.Transport.Parsing;
using InferenceRuntime.Transport.Replies;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport;

/// <summary>The REST port: Open Inference Protocol v2 over the models of a repository.</summary>
internal sealed class RestApplication : IHttpApplication<RestExchange>
{
    private static readonly byte[] LiveBody = "{\"live\":true}"u8.ToArray();
    private static readonly byte[] ReadyBody = "{\"ready\":true}"u8.ToArray();
    private static readonly byte[] NotReadyBody = "{\"ready\":false}"u8.ToArray();

    private static readonly RequestFault NoToken = new(StatusCodes.Status401Unauthorized, "Authorization: the bearer token is missing or wrong");

    private readonly RestRoutes _routes = new();
    private readonly RestModels _models;
    private readonly IModelRepository _repository;
    private readonly RestOptions _options;
    private readonly ReplicaLifecycle _lifecycle;
    private readonly InferenceEndpoint _inference;
    private readonly RepositoryEndpoint _repositoryRoutes;
    private readonly TimeProvider _clock;
    private readonly ReadOnlyMemory<byte> _serverBody;

    public RestApplication(IModelRepository repository, RestOptions options, ReplicaLifecycle lifecycle, InferenceEndpoint inference, TimeProvider clock)
    {
        _repository = repository;
        _models = new RestModels(repository);
        _options = options;
        _lifecycle = lifecycle;
        _inference = inference;
        _repositoryRoutes = new RepositoryEndpoint(repository, options.ModelControl);
        _clock = clock;
        _serverBody = ModelDocuments.Server(options.Extensions());
    }

    public RestExchange CreateContext(IFeatureCollection contextFeatures)
    {
        var now = _clock.GetTimestamp();
        RestExchange exchange;
        if (contextFeatures is IHostContextContainer<RestExchange> connection)
        {
            exchange = connection.HostContext ??= new RestExchange(EndOf(now));
        }
        else
        {
            exchange = new RestExchange(EndOf(now));
        }

        exchange.Begin(contextFeatures, now);
        return exchange;
    }

    public Task ProcessRequestAsync(RestExchange context)
    {
        if (BrokenHttp.HasTwoLengths(context.Request.Headers))
        {
            HttpReply.CloseAfter(context.Features);
            return HttpReply.RefuseAsync(context.Features, BrokenHttp.TwoLengths);
        }

        var target = context.Target(_routes);
        if (_options.CrossOrigin is { } crossOrigin)
        {
            crossOrigin.Mark(context.Features);
            if (CrossOrigin.IsPreflight(context.Request))
            {
                return CrossOrigin.AnswerPreflightAsync(context.Features);
            }
        }

        if (_options.Tokens is { } tokens && !target.IsHealth && !tokens.Admits(context.Request.Headers.Authorization.ToString()))
        {
            return RefuseUnknownAsync(context.Features);
        }

        if (target.NamesServedModel)
        {
            return ModelAsync(context, target);
        }

        CloseWhenLeaving(context);
        if (target.Route == RestRoute.Unknown)
        {
            return HttpReply.RefuseAsync(context.Features, new(StatusCodes.Status404NotFound, "there is nothing at this path"));
        }

        if (!HttpMethods.Equals(context.Request.Method, target.Verb))
        {
            return HttpReply.RefuseVerbAsync(context.Features, target.Verb);
        }

        return target.Route is RestRoute.Index or RestRoute.Load or RestRoute.Unload
            ? _repositoryRoutes.RunAsync(context, target)
            : ServerAsync(context.Features, target.Route);
    }

    public void DisposeContext(RestExchange context, Exception? exception)
    {
        // Everything borrowed has been given back when the request ended.
    }

    private long EndOf(long now) => _options.Age?.EndOf(now) ?? long.MaxValue;

    private Task ModelAsync(RestExchange exchange, RestTarget target)
    {
        var lookup = _repository.Find(target.Model, target.Version);
        if (lookup is ModelLookup.Found found && HttpMethods.Equals(exchange.Request.Method, target.Verb))
        {
            if (target.Route == RestRoute.Infer)
            {
                _routes.Remember(exchange.Request.Path, target);
                exchange.Attach(found, _models);
                return _inference.RunAsync(exchange);
            }

            CloseWhenLeaving(exchange);
            return DocumentAsync(exchange.Features, target, found.Engine);
        }

        CloseWhenLeaving(exchange);
        return lookup is ModelLookup.Found
            ? HttpReply.RefuseVerbAsync(exchange.Features, target.Verb)
            : AbsentAsync(exchange.Features, target, ModelFaults.Of(lookup, target.Model));
    }

    private static Task RefuseUnknownAsync(IFeatureCollection features)
    {
        // What an unknown client still sends is not worth reading.
        HttpReply.CloseAfter(features);
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.WWWAuthenticate = "Bearer";
        return HttpReply.RefuseAsync(features, NoToken);
    }

    /// <summary>Refuses what is asked of a model that does not answer.</summary>
    private static Task AbsentAsync(IFeatureCollection features, RestTarget target, RequestFault fault) =>
        target.Route == RestRoute.ModelReady && fault.Status == StatusCodes.Status503ServiceUnavailable
            ? SendAsync(features, ModelDocuments.Ready(target.Model, ready: false), fault.Status)
            : HttpReply.RefuseAsync(features, fault);

    private void CloseWhenLeaving(RestExchange exchange)
    {
        if (_lifecycle.SendsClientsAway || exchange.IsOld)
        {
            HttpReply.CloseAfter(exchange.Features);
        }
    }

    private Task ServerAsync(IFeatureCollection features, RestRoute route) => route switch
    {
        RestRoute.Server => SendAsync(features, _serverBody),
        RestRoute.Live => SendAsync(features, LiveBody),
        RestRoute.AllStatistics => SendAsync(features, StatisticsDocument.Write(Serving())),
        RestRoute.Ready => _lifecycle.IsReady ? SendAsync(features, ReadyBody) : SendAsync(features, NotReadyBody, StatusCodes.Status503ServiceUnavailable),
        _ => throw new UnreachableException(),
    };

    private Task DocumentAsync(IFeatureCollection features, RestTarget target, IInferenceEngine engine) => target.Route switch
    {
        RestRoute.Model => SendAsync(features, ModelDocuments.Model(engine.Signature, Versions(target.Model))),
        RestRoute.ModelReady => SendAsync(
            features, ModelDocuments.Ready(target.Model, _lifecycle.IsReady), _lifecycle.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable),
        RestRoute.ModelConfig => SendAsync(features, ModelConfigDocument.Write(engine.Signature, engine.Settings, _options.Instances, engine.Statistics.Placement)),
        RestRoute.ModelStatistics => SendAsync(features, StatisticsDocument.Write(target.Version.Length > 0 ? [engine] : Serving().Where(e => e.Signature.Name == target.Model))),
        _ => throw new UnreachableException(),
    };

    /// <summary>Every version of every model that answers.</summary>
    private IEnumerable<IInferenceEngine> Serving() =>
        _repository.Index().Select(e => _repository.Find(e.Name, e.Version)).OfType<ModelLookup.Found>().Select(static f => f.Engine);

    private IEnumerable<string> Versions(string model) =>
        _repository.Index().Where(e => e.Name == model && e.State == ModelState.Ready).Select(static e => e.Version);

    private static Task SendAsync(IFeatureCollection features, ReadOnlyMemory<byte> body, int status = StatusCodes.Status200OK) =>
        HttpReply.SendAsync(features, status, HttpReply.Json, body);
}
