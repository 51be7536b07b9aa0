using System.Net.Http.Headers;
using System.Text;
using InferenceRuntime.Transport.Access;

namespace InferenceRuntime.Caching;

/// <summary>Fills the cache of a replica that starts from one that is ready. Never fails: what went wrong is logged and the cache stays as it is.</summary>
/// <param name="options">Peers and limits.</param>
/// <param name="engine">Whose cache is filled.</param>
/// <param name="sha256">SHA-256 of the model file; a peer with another one is passed over.</param>
/// <param name="clock">Measures the time.</param>
/// <param name="logger">Where the outcome is told.</param>
internal sealed partial class PeerPrefetch(
    PrefetchOptions options, CachingEngine engine, string sha256, TimeProvider clock, ILogger<PeerPrefetch> logger)
{
    // A peer that is gone without a word leaves time for the next.
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(1);

    /// <summary>Asks one peer after the other until one has given responses or the time is up.</summary>
    /// <returns>Responses that were taken in.</returns>
    /// <exception cref="OperationCanceledException">The replica was told to stop.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (!engine.HasCache)
        {
            return 0;
        }

        using var limit = new CancellationTokenSource(options.TimeMax, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = ConnectMax };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            await foreach (var peer in new PeerAddresses(options, logger).ReadAsync(either.Token).ConfigureAwait(false))
            {
                var (taken, fault) = await AskAsync(client, peer, either.Token).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (fault is not null)
                {
                    LogGivenUp(peer, fault, taken);
                }
                else
                {
                    LogTaken(taken, peer);
                }

                if (taken > 0 || limit.IsCancellationRequested)
                {
                    return taken;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogNoName();
        }

        return 0;
    }

    private async Task<(int Taken, string? Fault)> AskAsync(HttpClient client, Uri peer, CancellationToken cancellationToken)
    {
        CacheImport? import = null;
        string? fault;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(peer, $"/v1/cache?maxBytes={options.BytesMax}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await ReadTokenAsync(cancellationToken).ConfigureAwait(false));
            using var reply = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (!reply.IsSuccessStatusCode)
            {
                return (0, $"it answered {(int)reply.StatusCode}");
            }

            var body = await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            var buffered = new BufferedStream(body, 64 << 10);
            await using (buffered.ConfigureAwait(false))
            {
                import = new CacheImport(buffered, engine.Signature, options.BytesMax);
                fault = await import.ReadAsync(sha256, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            fault = "the time is up";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or FormatException)
        {
            fault = e.Message;
        }

        // The hottest last, so that they are the newest to the policy.
        var responses = import?.Responses ?? [];
        for (var i = responses.Count - 1; i >= 0; i--)
        {
            engine.Adopt(responses[i]);
        }

        return (responses.Count, fault);
    }

    private async Task<string> ReadTokenAsync(CancellationToken cancellationToken)
    {
        var file = new FileStream(options.TokenPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using (file.ConfigureAwait(false))
        {
            var buffer = new byte[BearerToken.LengthMax];
            var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return Encoding.UTF8.GetString(buffer, 0, length).Trim();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Took {Count} cached responses from {Peer}")]
    private partial void LogTaken(int count, Uri peer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Took no cached responses: the time was up before a peer was found")]
    private partial void LogNoName();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Gave {Peer} up as a source of cached responses: {Reason}; took {Count} that came before")]
    private partial void LogGivenUp(Uri peer, string reason, int count);
}
