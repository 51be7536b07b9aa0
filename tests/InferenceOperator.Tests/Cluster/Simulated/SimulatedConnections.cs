using System.Net;
using System.Text;
using System.Text.Json;
using InferenceOperator.Testing.Simulated;
using InferenceRuntime.Contract;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>What one process of the operator sends to the API server and to replicas: takes a moment each time, and dies with the process.</summary>
internal sealed class SimulatedConnections(SimulatedApiServer server, SimulatedNodes nodes, int seed, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private int _writes;
    private volatile bool _isDead;

    /// <summary>The write, counted from 1 without Leases and Events, at which the process dies; zero: none.</summary>
    public int DiesAtWrite { get; init; }

    /// <summary>Whether that write is still done.</summary>
    public bool DiesAfter { get; init; }

    /// <summary>Share of the requests for which something goes wrong.</summary>
    public double Trouble { get; init; }

    /// <summary>Writes so far.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>Hears of each write that was sent.</summary>
    public Action<string>? Wrote { get; init; }

    public bool IsDead => _isDead;

    /// <summary>Nothing goes out any more.</summary>
    public void Die() => _isDead = true;

    public HttpMessageHandler ToServer() => new Handler(SendToServerAsync);

    public HttpMessageHandler ToReplicas() => new Handler(SendToReplicaAsync);

    private static bool Counts(HttpRequestMessage request) =>
        request.Method != HttpMethod.Get && request.RequestUri!.AbsolutePath is var path && !path.Contains("/leases", StringComparison.Ordinal) && !path.Contains("/events", StringComparison.Ordinal);

    private async Task<HttpResponseMessage> SendToServerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        if (Counts(request))
        {
            var number = Interlocked.Increment(ref _writes);
            Wrote?.Invoke($"{number}: {request.Method} {request.RequestUri!.AbsolutePath}");
            if (number == DiesAtWrite)
            {
                if (DiesAfter)
                {
                    using var lost = await server.AnswerAsync(request, cancellationToken);
                }

                Die();
            }
        }

        ThrowIfDead();
        var chance = Draw();
        if (chance < Trouble)
        {
            return await FailAsync(request, chance / Trouble, cancellationToken);
        }

        var answer = await server.AnswerAsync(request, cancellationToken);
        await PassAsync(cancellationToken);
        return answer;
    }

    private async Task<HttpResponseMessage> FailAsync(HttpRequestMessage request, double sort, CancellationToken cancellationToken)
    {
        switch ((int)(sort * 4))
        {
            case 0:
                return Refusal(HttpStatusCode.InternalServerError, "InternalError");
            case 1:
                return Refusal(HttpStatusCode.TooManyRequests, "TooManyRequests");
            case 2 when request.Method != HttpMethod.Get:
                return Refusal(HttpStatusCode.Conflict, "Conflict");
            default:
                using (await server.AnswerAsync(request, cancellationToken))
                {
                    throw new HttpRequestException("the answer was lost");
                }
        }
    }

    private async Task<HttpResponseMessage> SendToReplicaAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        var address = request.RequestUri!;
        var replica = nodes.At(address.Host) ?? throw new HttpRequestException($"{address.Host} does not answer");
        if (address.AbsolutePath == "/metrics")
        {
            return Text(HttpStatusCode.OK, replica.Metrics());
        }

        if (request.Headers.Authorization?.Parameter != replica.Token)
        {
            return Text(HttpStatusCode.Unauthorized, "another token");
        }

        if (request.Method == HttpMethod.Put)
        {
            replica.Settings = JsonSerializer.Deserialize(await request.Content!.ReadAsStringAsync(cancellationToken), ContractJson.Default.RuntimeSettings)!; // Sent with settings.
        }

        return address.AbsolutePath switch
        {
            "/v1/settings" => Text(HttpStatusCode.OK, JsonSerializer.Serialize(replica.Settings, ContractJson.Default.RuntimeSettings)),
            "/v1/state" => Text(HttpStatusCode.OK, JsonSerializer.Serialize(replica.State, ContractJson.Default.ReplicaState)),
            _ => Text(HttpStatusCode.NotFound, address.AbsolutePath),
        };
    }

    /// <summary>Takes a moment, in which the process may die.</summary>
    private async Task PassAsync(CancellationToken cancellationToken)
    {
        ThrowIfDead();
        await Task.Delay(TimeSpan.FromMilliseconds(1 + (10 * Draw())), time, cancellationToken);
        ThrowIfDead();
    }

    private void ThrowIfDead()
    {
        if (_isDead)
        {
            throw new HttpRequestException("the process is dead");
        }
    }

    private double Draw()
    {
        lock (_gate)
        {
            return _random.NextDouble();
        }
    }

    private static HttpResponseMessage Refusal(HttpStatusCode code, string reason) =>
        Text(code, new ApiRefusedException(code, reason, "trouble").ToStatus().ToJsonString());

    private static HttpResponseMessage Text(HttpStatusCode code, string text) => new(code) { Content = new StringContent(text, Encoding.UTF8, "application/json") };

    private sealed class Handler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => send(request, cancellationToken);
    }
}
