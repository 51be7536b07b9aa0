using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Transport;

/// <summary>Sends requests: credentials, rate limit, retries, time limits, and errors as <see cref="ApiException"/>.</summary>
internal sealed class ApiTransport : IDisposable
{
    private readonly HttpClient _http;
    private readonly Credentials _credentials;
    private readonly KubernetesClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SteadyClock _steady;
    private readonly TokenBucket _rate;
    private readonly Random _jitter;
    private long _throttledTicks;

    public ApiTransport(
        KubernetesConfig config, KubernetesClientOptions options, HttpMessageHandler? handler, TimeProvider time, ILogger logger)
    {
        _http = new HttpClient(handler ?? ConnectionHandlers.For(config, time), disposeHandler: true)
        {
            // Relative paths are appended: the address may end in a path, as behind a proxy of several clusters.
            BaseAddress = new Uri(config.Server.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd(options.UserAgent);
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        foreach (var (name, value) in config.Headers)
        {
            _http.DefaultRequestHeaders.Add(name, value);
        }

        _credentials = config.Credentials;
        _options = options;
        _time = time;
        _logger = logger;
        _steady = new SteadyClock(time);
        _rate = new TokenBucket(options.QueriesPerSecond, options.Burst, _steady.Now);
        _jitter = new Random(options.JitterSeed);
    }

    /// <summary>Sends and reads the answer as <paramref name="json"/>.</summary>
    public Task<TAnswer> SendAsync<TAnswer>(ApiRequest request, JsonTypeInfo<TAnswer> json, CancellationToken cancellationToken) =>
        SendAsync(
            request,
            async (response, cancelled) =>
            {
                using (response)
                {
                    var stream = await response.Content.ReadAsStreamAsync(cancelled).ConfigureAwait(false);
                    await using (stream.ConfigureAwait(false))
                    {
                        return await JsonSerializer.DeserializeAsync(stream, json, cancelled).ConfigureAwait(false)
                            ?? throw new JsonException("The answer is null.");
                    }
                }
            },
            cancellationToken);

    /// <summary>Sends and returns as soon as the answer starts; the caller reads and disposes it.</summary>
    public Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken cancellationToken) =>
        SendAsync(request, static (response, _) => Task.FromResult(response), cancellationToken);

    /// <summary>A number in [0, 1) for spreading pauses.</summary>
    public double NextJitter()
    {
        lock (_gate)
        {
            return _jitter.NextDouble();
        }
    }

    /// <summary>How long requests have been held back by the rate limit, all together.</summary>
    public TimeSpan ThrottledTime => TimeSpan.FromTicks(Interlocked.Read(ref _throttledTicks));

    public void Dispose() => _http.Dispose();

    private async Task<TAnswer> SendAsync<TAnswer>(
        ApiRequest request, Func<HttpResponseMessage, CancellationToken, Task<TAnswer>> read, CancellationToken cancellationToken)
    {
        var credentialsRenewed = false;
        for (var attempt = 1; ; attempt++)
        {
            await WaitForTurnAsync(request, cancellationToken).ConfigureAwait(false);
            ApiException failure;
            try
            {
                return await SendInTimeAsync(request, read, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException error)
            {
                failure = error;
            }

            if (failure.Reason is ApiErrorReason.Unauthorized && !credentialsRenewed && _credentials.TryRenew())
            {
                credentialsRenewed = true;
                continue;
            }

            if (attempt >= _options.AttemptsMax || !MayRepeat(request, failure))
            {
                throw failure;
            }

            var pause = PauseAfter(failure, attempt);
            _logger.RequestRetried(request.What, attempt, pause.TotalMilliseconds, failure.Message);
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends once; whatever goes wrong comes out as an <see cref="ApiException"/>, except for the caller's cancellation.</summary>
    private async Task<TAnswer> SendInTimeAsync<TAnswer>(
        ApiRequest request, Func<HttpResponseMessage, CancellationToken, Task<TAnswer>> read, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await SendOnceAsync(request, read, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(
                request.What, ApiErrorReason.Unreachable, $"no answer within {_options.RequestTimeout.TotalSeconds:0.#} s", inner: null);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw Unreachable(request, error);
        }
        catch (KubernetesConfigException error)
        {
            // The token file or plugin may be right again the next time somebody asks.
            throw new ApiException(request.What, ApiErrorReason.Unauthorized, error.Message, error);
        }
        catch (JsonException error)
        {
            throw new ApiException(request.What, ApiErrorReason.Malformed, $"the answer is not the JSON it should be: {error.Message}", error);
        }
    }

    private async Task<TAnswer> SendOnceAsync<TAnswer>(
        ApiRequest request, Func<HttpResponseMessage, CancellationToken, Task<TAnswer>> read, CancellationToken cancellationToken)
    {
        // All requests and watches share a few connections; what the client takes for its default does not reach a message that is made here.
        using var message = new HttpRequestMessage(request.Method, request.Path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType);
        }

        if (await _credentials.GetTokenAsync(_time, cancellationToken).ConfigureAwait(false) is { Length: > 0 } token)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue(_credentials.Scheme, token);
        }

        var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return await read(response, cancellationToken).ConfigureAwait(false);
        }

        using (response)
        {
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            var error = ApiErrors.Read(request.What, (int)response.StatusCode, bytes);
            throw WithRetryAfter(request, response, error);
        }
    }

    private async Task WaitForTurnAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        TimeSpan? wait;
        lock (_gate)
        {
            wait = _rate.Take(_steady.Now, _options.ThrottleWaitMax);
        }

        if (wait is null)
        {
            throw new ApiException(
                request.What,
                ApiErrorReason.ClientThrottled,
                $"held back by the client's own limit of {_options.QueriesPerSecond} requests/s for more than {_options.ThrottleWaitMax.TotalSeconds:0.#} s",
                inner: null);
        }

        if (wait > TimeSpan.Zero)
        {
            Interlocked.Add(ref _throttledTicks, wait.Value.Ticks);
            await Task.Delay(wait.Value, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan PauseAfter(ApiException failure, int attempt)
    {
        var own = _options.Backoff.After(attempt, NextJitter());
        return failure.RetryAfter is not { } asked ? own : asked > _options.RetryAfterMax ? _options.RetryAfterMax : asked > own ? asked : own;
    }

    /// <summary>Whether another try can help and does no harm. Refusals with 429 were not acted on, so anything may be sent again.</summary>
    private static bool MayRepeat(ApiRequest request, ApiException failure) => failure.Reason switch
    {
        ApiErrorReason.TooManyRequests => true,
        // The certificate will not be better the second time.
        ApiErrorReason.Unreachable => request.Repeatable
            && failure.InnerException is not HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError },
        ApiErrorReason.InternalError or ApiErrorReason.ServiceUnavailable or ApiErrorReason.ServerTimeout or ApiErrorReason.Timeout =>
            request.Repeatable,
        _ => false,
    };

    private static ApiException WithRetryAfter(ApiRequest request, HttpResponseMessage response, ApiException error)
    {
        if (error.RetryAfter is not null || response.Headers.RetryAfter?.Delta is not { } wait)
        {
            return error;
        }

        var details = (error.Status.Details ?? new StatusDetails()) with { RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds) };
        return ApiErrors.From(request.What, error.Code, error.Status with { Details = details });
    }

    private ApiException Unreachable(ApiRequest request, Exception error)
    {
        var deepest = error;
        while (deepest.InnerException is { } inner)
        {
            deepest = inner;
        }

        var detail = ReferenceEquals(deepest, error) ? error.Message : $"{error.Message} {deepest.Message}";
        return new ApiException(request.What, ApiErrorReason.Unreachable, $"cannot reach {_http.BaseAddress}: {detail}", error);
    }
}
