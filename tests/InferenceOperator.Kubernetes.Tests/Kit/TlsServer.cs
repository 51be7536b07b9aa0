using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>A server on loopback whose certificate, and whose users, can be changed while it runs. Every connection serves one request, but for watches.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _end = new();
    private X509Certificate2 _certificate;
    private int _served;
    private int _refused;

    private TlsServer(X509Certificate2 certificate)
    {
        _certificate = certificate;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(https =>
            {
                https.ServerCertificateSelector = (_, _) => Volatile.Read(ref _certificate);
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            });
        }));
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    public Uri Address => new(_application.Urls.First());

    /// <summary>Users whose certificates are accepted; others are answered with 401.</summary>
    public IReadOnlyList<string> Users { get; set; } = [];

    /// <summary>Requests that were answered, and refused.</summary>
    public (int Served, int Refused) Count => (Volatile.Read(ref _served), Volatile.Read(ref _refused));

    /// <summary>Who asked last.</summary>
    public string LastUser { get; private set; } = "";

    public static async Task<TlsServer> StartAsync((string Certificate, string Key) pair)
    {
        var server = new TlsServer(X509Certificate2.CreateFromPem(pair.Certificate, pair.Key));
        await server._application.StartAsync();
        return server;
    }

    /// <summary>New connections get this certificate.</summary>
    public void Renew((string Certificate, string Key) pair) => Volatile.Write(ref _certificate, X509Certificate2.CreateFromPem(pair.Certificate, pair.Key));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _application.DisposeAsync();
        _end.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var user = context.Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false) ?? "";
        context.Response.ContentType = "application/json";
        if (!Users.Contains(user, StringComparer.Ordinal))
        {
            Interlocked.Increment(ref _refused);
            context.Response.Headers.Connection = "close";
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await context.Response.WriteAsync("""{"kind":"Status","reason":"Unauthorized","message":"Unauthorized","code":401}""");
            return;
        }

        Interlocked.Increment(ref _served);
        LastUser = user;
        if (context.Request.Query.ContainsKey("watch"))
        {
            for (var version = 1; !_end.IsCancellationRequested; version++)
            {
                await context.Response.WriteAsync($$$"""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"{{{version}}}"} } }""" + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return;
        }

        context.Response.Headers.Connection = "close";
        await context.Response.WriteAsync("""{"major":"1","minor":"34","gitVersion":"v1.34.0"}""");
    }
}
