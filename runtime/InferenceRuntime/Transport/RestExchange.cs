using InferenceRuntime.Core.Serving;
using InferenceRuntime.Tracing;
using InferenceRuntime.Transport.Parsing;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport;

/// <summary>One request and its reply on the REST port. Made once for a connection and used again for each request on it.</summary>
/// <param name="endsAt">Timestamp from which its replies ask the client to connect anew.</param>
internal sealed class RestExchange(long endsAt)
{
    private string? _path;
    private RestTarget? _target;
    private ModelLookup.Found? _found;
    private RestModels? _models;

    /// <summary>The connection's features for the present request.</summary>
    public IFeatureCollection Features { get; private set; } = null!; // Set by Begin, before anything reads it.

    /// <summary>When the head of the request had been read.</summary>
    public long ArrivedAt { get; private set; }

    /// <summary>True when the connection was old when the request came.</summary>
    public bool IsOld => ArrivedAt >= endsAt;

    /// <summary>When the reply had been handed to the socket; read only after an answer.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>The trace of an inference request; null when it is not recorded.</summary>
    public SampledRequest? Trace { get; set; }

    /// <summary>Whether the path names a version of the model.</summary>
    public bool NamesVersion => _target is { Version.Length: > 0 };

    /// <summary>The model of an inference request.</summary>
    public RestModel Model { get; private set; } = null!; // Set by Attach, before inference begins.

    public InferCall Call { get; private set; } = null!; // As above.

    public PooledBuffer Body { get; } = new();

    /// <summary>The body as it came, where it came packed; later the reply, where it goes packed.</summary>
    public PooledBuffer Packed { get; } = new();

    public PooledBuffer Reply { get; } = new();

    public IHttpRequestFeature Request => Features.GetRequiredFeature<IHttpRequestFeature>();

    public void Begin(IFeatureCollection features, long arrivedAt)
    {
        Features = features;
        ArrivedAt = arrivedAt;
    }

    /// <summary>What the request's path asks for. Kestrel gives a path that repeats as the same string.</summary>
    public RestTarget Target(RestRoutes routes)
    {
        var path = Request.Path;
        if (_target is null || !ReferenceEquals(path, _path))
        {
            _target = routes.Find(path);
            _path = path;
        }

        return _target;
    }

    /// <summary>Turns to a model; nothing when the request before went to the same.</summary>
    public void Attach(ModelLookup.Found found, RestModels models)
    {
        _models = models;
        if (ReferenceEquals(found, _found))
        {
            return;
        }

        _found = found;
        Model = models.Of(found);
        Call = new InferCall(Model.Served);
    }

    /// <summary>Turns to whom the repository names now, when the one attached has been replaced since.</summary>
    /// <param name="fault">Why nobody answers any more.</param>
    /// <returns>False when it has not been replaced.</returns>
    public bool TurnToSuccessor(out RequestFault? fault)
    {
        var target = _target!; // Both set before Attach returned.
        var models = _models!;
        var lookup = models.Find(target.Model, target.Version);
        fault = null;
        if (ReferenceEquals(lookup, _found))
        {
            return false;
        }

        if (lookup is not ModelLookup.Found found)
        {
            fault = ModelFaults.Of(lookup, target.Model);
            return true;
        }

        Call.Clear();
        Attach(found, models);
        return true;
    }
}
