using System.Net.Http.Headers;
using System.Text;
using System.Threading.Channels;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;

namespace InferenceRuntime.Shadowing;

/// <summary>Sends some of the requests, with what was answered, to a replica that compares. One at a time; what finds no room is dropped. Thread safe.</summary>
/// <param name="tokenPath">File with the admin token, which the other replica shares.</param>
/// <param name="counters">Counts what became of each.</param>
/// <param name="logger">Hears when it begins and ends.</param>
internal sealed partial class ShadowSender(string tokenPath, ShadowCounters counters, ILogger<ShadowSender> logger) : IAsyncDisposable
{
    /// <summary>The path that takes them on the admin port.</summary>
    public const string Path = "/v1/shadow";

    /// <summary>Requests that wait to be sent.</summary>
    public const int WaitingMax = 16;

    /// <summary>Longest request with its answer, bytes; a longer one is dropped.</summary>
    public const int BytesMax = 4 << 20;

    /// <summary>Longest that the other replica may take.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    private readonly Channel<PooledBuffer> _waiting = Channel.CreateBounded<PooledBuffer>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private volatile ShadowSettings? _target;
    private long _seen;

    // Guarded by _gate.
    private Task? _sending;

    /// <summary>Turns to another replica, or to none.</summary>
    public void Point(ShadowSettings? target)
    {
        lock (_gate)
        {
            if (_target == target)
            {
                return;
            }

            _target = target;
            if (target is not null)
            {
                _sending ??= SendAllAsync(_end.Token);
            }
        }

        LogPointed(target?.Address ?? "nobody", target?.Share ?? 0);
    }

    /// <summary>True for the share of requests that are sent.</summary>
    public bool Picks()
    {
        if (_target is not { Share: var share })
        {
            return false;
        }

        var seen = Interlocked.Increment(ref _seen);
        return Math.Floor(seen * share) > Math.Floor((seen - 1) * share);
    }

    /// <summary>Copies a request with its answer and returns at once. Both may be given back afterwards.</summary>
    public void Offer(InferenceRequest request, TensorContent[] outputs)
    {
        if (_waiting.Reader.Count >= WaitingMax || request.Bytes + outputs.Sum(static o => (long)o.Bytes.Length) > BytesMax || RequestKeys.Encode(request) is not { } key)
        {
            counters.AddDropped();
            return;
        }

        var copy = new PooledBuffer();
        ResponseRecord.Write(copy, key, outputs, cost: 0, TimeSpan.Zero);
        if (!_waiting.Writer.TryWrite(copy))
        {
            copy.Clear();
            counters.AddDropped();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _end.CancelAsync().ConfigureAwait(false);
        Task? sending;
        lock (_gate)
        {
            sending = _sending;
        }

        if (sending is not null)
        {
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _end.Dispose();
    }

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        await Task.Yield(); // Not under the caller's lock.
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = TimeMax / 2 };
        using var client = new HttpClient(handler) { Timeout = TimeMax };
        await foreach (var copy in _waiting.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                if (_target is { } target)
                {
                    await SendAsync(client, new Uri(new Uri(target.Address), Path), copy.Written, cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                copy.Clear();
            }
        }
    }

    private async Task SendAsync(HttpClient client, Uri address, ReadOnlyMemory<byte> copy, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(copy) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await ReadTokenAsync(cancellationToken).ConfigureAwait(false));
            using var reply = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (reply.IsSuccessStatusCode)
            {
                counters.AddSent();
                return;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Counted below, as is one that was not taken.
        }

        counters.AddFailed();
    }

    private async Task<string> ReadTokenAsync(CancellationToken cancellationToken)
    {
        var text = await File.ReadAllBytesAsync(tokenPath, cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(text.AsSpan(0, Math.Min(text.Length, BearerToken.LengthMax))).Trim();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Requests are also sent to {Address}, a share of {Share}")]
    private partial void LogPointed(string address, double share);
}
