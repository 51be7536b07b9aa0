using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using InferenceOperator.Testing.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>An HTTPS server on 127.0.0.1 that answers as a test says; also over plain HTTP on another port.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    /// <summary>The name in its certificate.</summary>
    public const string Host = "localhost";

    private readonly WebApplication _application;
    private readonly CertificateAuthority _authority;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Func<HttpContext, Task> _answer;

    private FileServer(Func<HttpContext, Task> answer)
    {
        _answer = answer;
        _authority = new CertificateAuthority($"files {RuntimeHelpers.GetHashCode(this)}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var (certificate, key) = _authority.IssueServer(Host, "127.0.0.1");
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(X509Certificate2.CreateFromPem(certificate, key)));
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    /// <summary>Certificates to trust, PEM.</summary>
    public string Authorities => _authority.Pem;

    /// <summary>What was asked for: method, path, and the headers that matter, in order.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public int Port { get; private set; }

    public int PlainPort { get; private set; }

    public static Task<FileServer> StartAsync(ServedFile file) => StartAsync(file.AnswerAsync);

    /// <summary>Serves files by their path, and 404 for others.</summary>
    public static Task<FileServer> StartAsync(IReadOnlyDictionary<string, ServedFile> files) => StartAsync(context =>
    {
        if (files.TryGetValue(context.Request.Path.Value!, out var file))
        {
            return file.AnswerAsync(context);
        }

        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    });

    public static async Task<FileServer> StartAsync(Func<HttpContext, Task> answer)
    {
        var server = new FileServer(answer);
        await server._application.StartAsync();
        var ports = server._application.Urls.ToDictionary(static url => new Uri(url).Scheme, static url => new Uri(url).Port);
        (server.Port, server.PlainPort) = (ports["https"], ports["http"]);
        return server;
    }

    public string Url(string path) => $"https://{Host}:{Port}{path}";

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _authority.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        _requests.Enqueue($"{context.Request.Method} {context.Request.Path.Value} {headers.Range} {headers.IfRange}{headers.IfMatch}".TrimEnd());
        return _answer(context);
    }
}
