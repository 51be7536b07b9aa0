using System.IO.Pipelines;
using InferenceRuntime.Grpc.Inference;
using InferenceRuntime.Transport;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Grpc;

/// <summary>One call on the gRPC port. Made once for a stream that Kestrel uses again, and used again with it.</summary>
internal sealed class GrpcExchange
{
    /// <summary>The stream's features for the present call.</summary>
    public IFeatureCollection Features { get; private set; } = null!; // Set by Begin, before anything reads it.

    /// <summary>When the headers of the call had been read.</summary>
    public long ArrivedAt { get; private set; }

    /// <summary>Timestamp after which the client does not want an answer; <see cref="long.MaxValue"/> for never.</summary>
    public long DeadlineAt { get; set; }

    /// <summary>The client's messages may be compressed with gzip.</summary>
    public bool IsGzip { get; set; }

    /// <summary>Replies are compressed: the client compresses and takes the same.</summary>
    public bool RepliesGzip { get; set; }

    /// <summary>The reply has begun: what follows is its end.</summary>
    public bool HasBegun { get; set; }

    /// <summary>The inference request of a unary call.</summary>
    public GrpcCall Call { get; } = new();

    /// <summary>A reply that is put together before it is sent.</summary>
    public PooledBuffer Reply { get; } = new();

    public IHttpRequestFeature Request => Features.GetRequiredFeature<IHttpRequestFeature>();

    public PipeReader Reader => Features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;

    public PipeWriter Writer => Features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer;

    /// <summary>Cancelled when the client resets the stream or goes away.</summary>
    public CancellationToken Aborted => Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;

    public void Begin(IFeatureCollection features, long arrivedAt)
    {
        Features = features;
        ArrivedAt = arrivedAt;
        DeadlineAt = long.MaxValue;
        IsGzip = RepliesGzip = HasBegun = false;
    }
}
