using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>A way to the API server on which things go wrong by chance: refusals, lost answers, delays, watches that are cut. Seeded.</summary>
/// <param name="inner">Carries the requests.</param>
/// <param name="seed">Of the chances; an even one has the write at which it dies done, an odd one has it lost.</param>
internal sealed class Trouble(HttpMessageHandler inner, int seed) : DelegatingHandler(inner)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private bool _over;
    private int _made;
    private int _writes;
    private bool _dead;

    /// <summary>Share of the requests that are refused or whose answer is lost.</summary>
    public double Share { get; init; }

    /// <summary>Longest that a request is held up.</summary>
    public TimeSpan DelayMax { get; init; }

    /// <summary>How long a watch lives on the average; zero: as long as the API server lets it.</summary>
    public TimeSpan WatchesLive { get; init; }

    /// <summary>The write after which nothing goes through any more, as when the process is killed; zero: none.</summary>
    public int DiesAtWrite { get; init; }

    /// <summary>Requests for which something went wrong.</summary>
    public int Made => Volatile.Read(ref _made);

    public bool HasDied => Volatile.Read(ref _dead);

    /// <summary>Nothing goes wrong any more.</summary>
    public void End() => Volatile.Write(ref _over, true);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (HasDied)
        {
            throw new HttpRequestException("dead");
        }

        if (request.Method != HttpMethod.Get && DiesAtWrite > 0 && Interlocked.Increment(ref _writes) == DiesAtWrite)
        {
            Volatile.Write(ref _dead, true);
            if (seed % 2 == 0)
            {
                using var lost = await base.SendAsync(request, cancellationToken);
            }

            throw new HttpRequestException("dead");
        }

        if (Volatile.Read(ref _over))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var (chance, sort, delay, life) = Draw();
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, TimeProvider.System, cancellationToken);
        }

        if (chance < Share)
        {
            Interlocked.Increment(ref _made);
            return await FailAsync(request, sort, cancellationToken);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (life is { } lasts && response.IsSuccessStatusCode && request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _made);
            response.Content = new StreamContent(new ShortLivedStream(await response.Content.ReadAsStreamAsync(cancellationToken), lasts));
        }

        return response;
    }

    private async Task<HttpResponseMessage> FailAsync(HttpRequestMessage request, int sort, CancellationToken cancellationToken)
    {
        switch (sort)
        {
            case 0:
                return Refusal(HttpStatusCode.InternalServerError, "InternalError");
            case 1:
                var busy = Refusal(HttpStatusCode.TooManyRequests, "TooManyRequests");
                busy.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(1));
                return busy;
            case 2:
                return Refusal(HttpStatusCode.Conflict, "Conflict");
            default:
                using (await base.SendAsync(request, cancellationToken))
                {
                    throw new HttpRequestException("the answer was lost");
                }
        }
    }

    private (double Chance, int Sort, TimeSpan Delay, TimeSpan? Life) Draw()
    {
        lock (_gate)
        {
            return (_random.NextDouble(), _random.Next(4), DelayMax * _random.NextDouble(), WatchesLive > TimeSpan.Zero ? WatchesLive * _random.NextDouble() * 2 : null);
        }
    }

    private static HttpResponseMessage Refusal(HttpStatusCode code, string reason) => new(code)
    {
        Content = new StringContent($$"""{"kind":"Status","status":"Failure","reason":"{{reason}}","message":"trouble","code":{{(int)code}} }""", Encoding.UTF8, "application/json"),
    };

    private sealed class ShortLivedStream(Stream inner, TimeSpan life) : ReadOnlyStream(inner)
    {
        private readonly CancellationTokenSource _end = new(life, TimeProvider.System);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
            try
            {
                return await Inner.ReadAsync(buffer, either.Token);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                throw new IOException("the watch was cut");
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _end.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
