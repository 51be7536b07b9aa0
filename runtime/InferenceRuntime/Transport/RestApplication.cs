using System.Diagnostics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport.Parsing;
using InferenceRuntime.Transport.Replies;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport;

/// <summary>The REST port: Open Inference Protocol v2 of one model.</summary>
internal sealed class RestApplication : IHttpApplication<RestExchange>
{
    private static readonly byte[] LiveBody = "{\"live\":true}"u8.ToArray();
    private static readonly byte[] ReadyBody = "{\"ready\":true}"u8.ToArray();
    private static readonly byte[] NotReadyBody = "{\"ready\":false}"u8.ToArray();

    private readonly ServedModel _model;
    private readonly RestRoutes _routes;
    private readonly ReplicaLifecycle _lifecycle;
    private readonly InferenceEndpoint _inference;
    private readonly TimeProvider _clock;
    private readonly byte[] _serverBody = ModelDocuments.Server();
    private readonly byte[] _modelBody;
    private readonly byte[] _modelReadyBody;

    public RestApplication(ServedModel model, ReplicaLifecycle lifecycle, InferenceEndpoint inference, TimeProvider clock)
    {
        _model = model;
        _routes = new RestRoutes(model.Signature.Name, model.Signature.Version);
        _lifecycle = lifecycle;
        _inference = inference;
        _clock = clock;
        _modelBody = ModelDocuments.Model(model.Signature);
        _modelReadyBody = ModelDocuments.Ready(model.Signature);
    }

    private ModelSignature Signature => _model.Signature;

    public RestExchange CreateContext(IFeatureCollection contextFeatures)
    {
        RestExchange exchange;
        if (contextFeatures is IHostContextContainer<RestExchange> connection)
        {
            exchange = connection.HostContext ??= new RestExchange(_model);
        }
        else
        {
            exchange = new RestExchange(_model);
        }

        exchange.Begin(contextFeatures, _clock.GetTimestamp());
        return exchange;
    }

    public Task ProcessRequestAsync(RestExchange context)
    {
        var request = context.Request;
        var route = _routes.Find(request.Path);
        if (route == RestRoute.Infer)
        {
            return HttpMethods.IsPost(request.Method) ? _inference.RunAsync(context) : HttpReply.RefuseVerbAsync(context.Features, HttpMethods.Post);
        }

        if (_lifecycle.SendsClientsAway)
        {
            HttpReply.CloseAfter(context.Features);
        }

        return AnswerAsync(context.Features, route, request);
    }

    public void DisposeContext(RestExchange context, Exception? exception)
    {
        // Everything borrowed has been given back when the request ended.
    }

    private Task AnswerAsync(IFeatureCollection features, RestRoute route, IHttpRequestFeature request)
    {
        switch (route)
        {
            case RestRoute.Unknown:
                return RefuseAsync(features, "there is nothing at this path");
            case RestRoute.UnknownModel:
                return RefuseAsync(features, $"this server has no model {ClientText.Quote(ModelIn(request.Path))}");
            case RestRoute.UnknownVersion:
                return RefuseAsync(features, $"model {ClientText.Quote(Signature.Name)} is served as version {Signature.Version} only");
            default:
                return HttpMethods.IsGet(request.Method) ? GetAsync(features, route) : HttpReply.RefuseVerbAsync(features, HttpMethods.Get);
        }
    }

    private Task GetAsync(IFeatureCollection features, RestRoute route) => route switch
    {
        RestRoute.Server => HttpReply.SendAsync(features, StatusCodes.Status200OK, HttpReply.Json, _serverBody),
        RestRoute.Live => HttpReply.SendAsync(features, StatusCodes.Status200OK, HttpReply.Json, LiveBody),
        RestRoute.Model => HttpReply.SendAsync(features, StatusCodes.Status200OK, HttpReply.Json, _modelBody),
        RestRoute.Ready => ReadyAsync(features, ReadyBody),
        RestRoute.ModelReady => ReadyAsync(features, _modelReadyBody),
        RestRoute.Unknown or RestRoute.UnknownModel or RestRoute.UnknownVersion or RestRoute.Infer => throw new UnreachableException(),
        _ => throw new UnreachableException(),
    };

    private Task ReadyAsync(IFeatureCollection features, byte[] body) => _lifecycle.IsReady
        ? HttpReply.SendAsync(features, StatusCodes.Status200OK, HttpReply.Json, body)
        : HttpReply.SendAsync(features, StatusCodes.Status503ServiceUnavailable, HttpReply.Json, NotReadyBody);

    private static Task RefuseAsync(IFeatureCollection features, string message) =>
        HttpReply.RefuseAsync(features, new RequestFault(StatusCodes.Status404NotFound, message));

    private static string ModelIn(string path) => path.Split('/')[3];
}
