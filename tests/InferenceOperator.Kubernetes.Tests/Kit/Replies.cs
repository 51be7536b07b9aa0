using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>A server in memory that gives prepared answers in turn, and keeps what it was asked.</summary>
internal sealed class Replies : HttpMessageHandler
{
    private readonly ConcurrentQueue<Func<HttpResponseMessage>> _answers = new();

    public ConcurrentQueue<(string Method, string Path, string Authorization)> Asked { get; } = new();

    /// <summary>The version of HTTP that each asked for.</summary>
    public ConcurrentQueue<Version> Versions { get; } = new();

    public Replies Then(HttpStatusCode code, string body, Action<HttpResponseMessage>? finish = null)
    {
        _answers.Enqueue(() =>
        {
            var response = new HttpResponseMessage(code) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            finish?.Invoke(response);
            return response;
        });
        return this;
    }

    public Replies ThenFail(Exception error)
    {
        _answers.Enqueue(() => throw error);
        return this;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Versions.Enqueue(request.Version);
        Asked.Enqueue((request.Method.Method, request.RequestUri!.PathAndQuery, request.Headers.Authorization?.ToString() ?? ""));
        return _answers.TryDequeue(out var answer)
            ? Task.FromResult(answer())
            : throw new InvalidOperationException($"Not expected: {request.Method} {request.RequestUri}");
    }
}
