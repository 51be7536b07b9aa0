using System.Net;
using System.Text.Json;
using InferenceRuntime.Contract;

namespace InferenceOperator.Workloads;

/// <summary>Speaks to the admin and metrics ports of replicas over HTTP/1.1. Thread safe; one for the whole process.</summary>
internal sealed class ReplicaClient : IDisposable
{
    /// <summary>Bytes of a reply that are read at most; a longer one is a failure.</summary>
    public const int ReplyBytesMax = 4 << 20;

    private readonly HttpClient _http;

    /// <param name="timeout">Longest that one call takes.</param>
    /// <param name="handler">Carries the calls, and is disposed with the client; null for connections of its own.</param>
    public ReplicaClient(TimeSpan timeout, HttpMessageHandler? handler = null) =>
        _http = new HttpClient(handler ?? Connections(timeout)) { Timeout = timeout, MaxResponseContentBufferSize = ReplyBytesMax };

    /// <summary>The replica's own account of itself.</summary>
    /// <exception cref="WorkloadException">It gave none.</exception>
    public async Task<ReplicaState> GetStateAsync(Uri admin, AdminToken token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(admin, "/v1/state"));
        var text = await SendAsync(request, token, cancellationToken).ConfigureAwait(false);
        return Read(text, ContractJson.Default.ReplicaState);
    }

    /// <summary>The settings in force.</summary>
    /// <exception cref="WorkloadException">The replica does not tell.</exception>
    public async Task<RuntimeSettings> GetSettingsAsync(Uri admin, AdminToken token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(admin, "/v1/settings"));
        var text = await SendAsync(request, token, cancellationToken).ConfigureAwait(false);
        return Read(text, ContractJson.Default.RuntimeSettings);
    }

    /// <summary>Puts settings in force.</summary>
    /// <exception cref="WorkloadException">The replica refused them or could not be reached.</exception>
    public async Task PutSettingsAsync(Uri admin, AdminToken token, RuntimeSettings settings, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(admin, "/v1/settings"))
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(settings, ContractJson.Default.RuntimeSettings))
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        await SendAsync(request, token, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The replica's metrics, Prometheus text format.</summary>
    /// <exception cref="WorkloadException">It could not be scraped.</exception>
    public async Task<string> GetMetricsAsync(Uri metrics, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(metrics, "/metrics"));
        return await SendAsync(request, token: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A document of the replica's data port.</summary>
    /// <exception cref="WorkloadException">It could not be read.</exception>
    public async Task<string> GetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        return await SendAsync(request, token: null, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    // A replica's address may come to mean another replica: connections are not kept long.
    private static SocketsHttpHandler Connections(TimeSpan timeout) => new()
    {
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectTimeout = timeout,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.GZip,
    };

    private async Task<string> SendAsync(HttpRequestMessage request, AdminToken? token, CancellationToken cancellationToken)
    {
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token.AuthorizationHeader);
        }

        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? text
                : throw new WorkloadException($"{request.RequestUri} answered {(int)response.StatusCode}: {(text.Length > 200 ? text[..200] : text)}")
                {
                    IsRefusal = response.StatusCode is HttpStatusCode.BadRequest,
                };
        }
        catch (HttpRequestException exception)
        {
            throw new WorkloadException($"{request.RequestUri} cannot be reached: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkloadException($"{request.RequestUri} did not answer within {_http.Timeout.TotalSeconds} s", exception);
        }
    }

    private static T Read<T>(string text, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new WorkloadException("the replica's reply is empty");
        }
        catch (JsonException exception)
        {
            throw new WorkloadException($"the replica's reply cannot be read: {exception.Message}", exception);
        }
    }
}
