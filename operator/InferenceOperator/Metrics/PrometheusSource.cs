using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Metrics;

/// <summary>Reads the counters of replicas from Prometheus: one question for each agent and reading.</summary>
/// <remarks>
/// Whatever goes wrong (down, slow, refused, too long, not Prometheus, nothing there) is a reading with a failure, never an
/// exception and never a zero. Values that are not finite are handed on: the control loop calls them unknown. Thread safe.
/// </remarks>
internal sealed class PrometheusSource : IMetricSource, IDisposable
{
    private readonly PrometheusOptions _options;
    private readonly HttpClient _http;
    private readonly Uri _query;

    /// <exception cref="IOException">The file with the authorities cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It holds no certificates.</exception>
    public PrometheusSource(PrometheusOptions options)
    {
        _options = options;
        _query = new Uri(options.Url.AbsoluteUri.TrimEnd('/') + "/api/v1/query");
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = PrometheusOptions.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            AutomaticDecompression = DecompressionMethods.GZip,
            AllowAutoRedirect = false,
            UseCookies = false,
        };
        if (options.CertificateAuthorityFile is { } file)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(file);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        _http = new HttpClient(handler) { Timeout = PrometheusOptions.Timeout, MaxResponseContentBufferSize = PrometheusOptions.BodyBytesMax };
    }

    public TimeSpan Interval => _options.Interval;

    public async ValueTask<MetricReading> ReadAsync(
        InferenceAgent agent, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken)
    {
        try
        {
            var body = await AskAsync(PrometheusQuery.Of(agent.Metadata.Namespace, agent.Metadata.Name, Interval), cancellationToken).ConfigureAwait(false);
            var samples = PrometheusSamples.Of(PrometheusReply.Read(body), agent.Spec.Slo?.Latency.Target.Seconds);
            return new MetricReading(samples, Missing(samples, replicas));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or FormatException or UnauthorizedAccessException)
        {
            return Failed(exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(string.Create(CultureInfo.InvariantCulture, $"no answer within {PrometheusOptions.Timeout.TotalSeconds} s"));
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<byte[]> AskAsync(string query, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _query)
        {
            Content = new FormUrlEncodedContent([new("query", query), new("timeout", $"{PrometheusOptions.Timeout.TotalSeconds}s")]),
        };
        if (_options.TokenFile is { } file)
        {
            var token = await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        }

        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? body
            : throw new FormatException(PrometheusReply.ErrorOf(body) is { } error ? $"{(int)response.StatusCode}: {error}" : $"it answered {(int)response.StatusCode}");
    }

    private static string? Missing(ImmutableArray<ReplicaSample> samples, ImmutableArray<ReplicaAccess> replicas)
    {
        var seen = samples.Select(static sample => sample.Replica).ToHashSet(StringComparer.Ordinal);
        var missing = replicas.Where(replica => replica.Phase is ReplicaPhase.Ready && !seen.Contains(replica.Name)).Select(static replica => replica.Name).ToList();
        return missing.Count == 0 ? null : $"Prometheus has no recent samples of {string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? $" and {missing.Count - 3} more" : "")}";
    }

    private static MetricReading Failed(string reason) => new([], $"Prometheus: {reason}");
}
