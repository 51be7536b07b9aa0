using InferenceRuntime.Transport.Parsing;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport;

/// <summary>One request and its reply on the REST port. Made once for a connection and used again for each request on it.</summary>
internal sealed class RestExchange(ServedModel model)
{
    /// <summary>The connection's features for the present request.</summary>
    public IFeatureCollection Features { get; private set; } = null!; // Set by Begin, before anything reads it.

    /// <summary>When the head of the request had been read.</summary>
    public long ArrivedAt { get; private set; }

    /// <summary>When the reply had been handed to the socket; read only after an answer.</summary>
    public long AnsweredAt { get; set; }

    public InferCall Call { get; } = new(model);

    public PooledBuffer Body { get; } = new();

    public PooledBuffer Reply { get; } = new();

    public IHttpRequestFeature Request => Features.GetRequiredFeature<IHttpRequestFeature>();

    public void Begin(IFeatureCollection features, long arrivedAt)
    {
        Features = features;
        ArrivedAt = arrivedAt;
    }
}
