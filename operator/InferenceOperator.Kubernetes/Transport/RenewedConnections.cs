using System.Net;
using InferenceOperator.Kubernetes.Configuration;

namespace InferenceOperator.Kubernetes.Transport;

/// <summary>Connections by certificates that lie in files: when a file comes to hold another, new connections are made by that, and no request is lost.</summary>
/// <remarks>
/// Files are looked at once in <see cref="LookEvery"/> while requests are sent, and at once when the server's certificate or the client's is not accepted; the request
/// is then sent again, for it was not acted on. What is under way on former connections, such as a watch, ends there in its time; they close when they have been idle. Files that do not
/// make sense at the moment, because they are just being written for example, leave things as they are. Safe for several threads.
/// </remarks>
internal sealed class RenewedConnections : HttpMessageHandler
{
    /// <summary>How late a renewed file may be noticed where nothing fails; whoever renews them lets the old ones live for minutes at least.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    /// <summary>Former connections that may still be in use; older ones are closed.</summary>
    private const int FormerMax = 4;

    private readonly Lock _gate = new();
    private readonly TlsPieces _pieces;
    private readonly Func<TlsTexts, HttpMessageHandler> _connect;
    private readonly TimeProvider _time;
    private readonly Queue<HttpMessageInvoker> _former = new();
    private volatile Way _present;
    private long _lookedAt;

    /// <param name="pieces">What lies where.</param>
    /// <param name="connect">Makes connections.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="KubernetesConfigException">The files do not make sense from the start.</exception>
    public RenewedConnections(TlsPieces pieces, Func<TlsTexts, HttpMessageHandler> connect, TimeProvider time)
    {
        (_pieces, _connect, _time) = (pieces, connect, time);
        var texts = pieces.Read();
        _present = new Way(texts, new HttpMessageInvoker(connect(texts)));
        _lookedAt = time.GetTimestamp();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var way = Present(mustLook: false);
        HttpResponseMessage response;
        try
        {
            response = await way.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error) when (error.HttpRequestError is HttpRequestError.SecureConnectionError && Present(mustLook: true) != way)
        {
            // It was not even sent.
            return await Present(mustLook: false).SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        if (response.StatusCode is not HttpStatusCode.Unauthorized)
        {
            return response;
        }

        var renewed = Present(mustLook: true);
        if (renewed == way)
        {
            return response;
        }

        response.Dispose();
        return await renewed.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_gate)
            {
                _present.Connections.Dispose();
                while (_former.TryDequeue(out var former))
                {
                    former.Dispose();
                }
            }
        }

        base.Dispose(disposing);
    }

    private HttpMessageInvoker Present(bool mustLook)
    {
        var present = _present;
        if (!mustLook && _time.GetElapsedTime(Interlocked.Read(ref _lookedAt)) < LookEvery)
        {
            return present.Connections;
        }

        Interlocked.Exchange(ref _lookedAt, _time.GetTimestamp());
        try
        {
            var texts = _pieces.Read();
            return texts == present.Texts ? present.Connections : Take(new Way(texts, new HttpMessageInvoker(_connect(texts))));
        }
        catch (KubernetesConfigException)
        {
            // Gone, half written, or not a pair yet: looked at again soon.
            return present.Connections;
        }
    }

    private HttpMessageInvoker Take(Way renewed)
    {
        HttpMessageInvoker? superfluous = null;
        lock (_gate)
        {
            if (_present.Texts == renewed.Texts)
            {
                superfluous = renewed.Connections; // Another request was faster.
            }
            else
            {
                _former.Enqueue(_present.Connections);
                _present = renewed;
                superfluous = _former.Count > FormerMax ? _former.Dequeue() : null;
            }
        }

        superfluous?.Dispose();
        return _present.Connections;
    }

    private sealed record Way(TlsTexts Texts, HttpMessageInvoker Connections);
}
