using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace InferenceOperator.Cluster.Admission;

/// <summary>The HTTPS listener of the webhook: <c>POST /validate</c>. What it cannot answer is admitted by API servers, and checked by the operator itself later.</summary>
internal sealed class AdmissionEndpoint : IAsyncDisposable
{
    /// <summary>The path of the webhook.</summary>
    public const string Path = "/validate";

    /// <summary>Largest body, bytes: two objects of what etcd holds at most, and room.</summary>
    public const int BodyBytesMax = 8 << 20;

    /// <summary>Requests that are looked at at the same time; more are answered with 429.</summary>
    public const int AtOnceMax = 32;

    // An API server waits a few seconds at most.
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(10);

    // Kubernetes' own messages are shallow; a template is as deep as people write it.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private readonly AdmissionReviewer _reviewer;
    private readonly AdmissionCounts _counts;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _room = new(AtOnceMax);
    private readonly WebApplication _application;

    private AdmissionEndpoint(WebApplication application, AdmissionReviewer reviewer, AdmissionCounts counts, TimeProvider time)
    {
        (_application, _reviewer, _counts, _time) = (application, reviewer, counts, time);
        application.Run(AnswerAsync);
    }

    /// <summary>The real port.</summary>
    public int Port { get; private set; }

    /// <summary>Starts to listen.</summary>
    /// <param name="listen">Where; port 0 takes a free one.</param>
    /// <param name="certificate">What is served at the moment, asked for each connection; null: there is none yet, and the connection is refused.</param>
    /// <param name="reviewer">Judges.</param>
    /// <param name="counts">Hears of each answer.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">The address is in use or not of this machine.</exception>
    public static async Task<AdmissionEndpoint> StartAsync(
        IPEndPoint listen, Func<SslStreamCertificateContext?> certificate, AdmissionReviewer reviewer, AdmissionCounts counts, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Listen(listen, on =>
            {
                on.Protocols = HttpProtocols.Http1;
                on.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = certificate() ?? throw new AuthenticationException("there is no certificate yet"),
                        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    }),
                });
            });
        });
        var application = builder.Build();
        var endpoint = new AdmissionEndpoint(application, reviewer, counts, time);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await endpoint.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        endpoint.Port = new Uri(application.Urls.First()).Port;
        return endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync().ConfigureAwait(false);
        _room.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != Path || !HttpMethods.IsPost(context.Request.Method))
        {
            await SayAsync(context, StatusCodes.Status404NotFound, $"here is POST {Path} for API servers").ConfigureAwait(false);
            return;
        }

        if (!await _room.WaitAsync(TimeSpan.Zero, context.RequestAborted).ConfigureAwait(false))
        {
            _counts.Add(AdmissionResult.Busy);
            await SayAsync(context, StatusCodes.Status429TooManyRequests, "too many requests at the same time").ConfigureAwait(false);
            return;
        }

        try
        {
            await ReviewAsync(context).ConfigureAwait(false);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task ReviewAsync(HttpContext context)
    {
        using var limit = new CancellationTokenSource(AnswerMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        AdmissionRequest? request;
        try
        {
            request = AdmissionRequest.Read(await JsonNode.ParseAsync(context.Request.Body, nodeOptions: null, Strict, either.Token).ConfigureAwait(false));
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
        {
            await MalformedAsync(context, e.StatusCode, e.Message).ConfigureAwait(false);
            return;
        }
        catch (JsonException)
        {
            request = null;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await MalformedAsync(context, StatusCodes.Status408RequestTimeout, "the request did not come to its end").ConfigureAwait(false);
            return;
        }

        if (request is null)
        {
            await MalformedAsync(context, StatusCodes.Status400BadRequest, $"not a request {AdmissionRequest.ReviewKind} of {AdmissionRequest.ApiVersion}").ConfigureAwait(false);
            return;
        }

        var verdict = _reviewer.Review(request);
        _counts.Add(!verdict.IsAllowed ? AdmissionResult.Refused : verdict.Warnings.IsEmpty ? AdmissionResult.Allowed : AdmissionResult.Warned);
        await SendAsync(context, StatusCodes.Status200OK, "application/json", Encoding.UTF8.GetBytes(AdmissionReply.Write(request, verdict).ToJsonString())).ConfigureAwait(false);
    }

    private Task MalformedAsync(HttpContext context, int status, string message)
    {
        _counts.Add(AdmissionResult.Malformed);
        return SayAsync(context, status, message);
    }

    private static Task SayAsync(HttpContext context, int status, string message) => SendAsync(context, status, "text/plain", Encoding.UTF8.GetBytes(message + "\n"));

    private static async Task SendAsync(HttpContext context, int status, string type, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
