using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Testing;

/// <summary>A collector on the loopback: takes traces by OTLP over HTTP and over gRPC, or refuses them, or says nothing, as it is told.</summary>
public sealed class TraceReceiver : IAsyncDisposable
{
    private const string GrpcPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly List<ReceivedSpan> _spans = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _exports;

    private TraceReceiver(WebApplication application) => _application = application;

    /// <summary>Where it takes protobuf over HTTP: the root, without the path of a signal.</summary>
    public Uri Http { get; private set; } = null!; // Set by StartAsync.

    /// <summary>Where it takes gRPC.</summary>
    public Uri Grpc { get; private set; } = null!; // As above.

    /// <summary>The status that exports are answered with, over gRPC as UNAVAILABLE where it is not 200. Default 200.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>Whether exports are read and never answered.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The headers of the last export.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; private set; } = new Dictionary<string, string>();

    /// <summary>Exports that came so far, whatever they were answered.</summary>
    public int Exports
    {
        get
        {
            lock (_gate)
            {
                return _exports;
            }
        }
    }

    /// <summary>The spans that were taken so far.</summary>
    public IReadOnlyList<ReceivedSpan> Spans
    {
        get
        {
            lock (_gate)
            {
                return [.. _spans];
            }
        }
    }

    public static async Task<TraceReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        var receiver = new TraceReceiver(builder.Build());
        receiver._application.Run(receiver.TakeAsync);
        await receiver._application.StartAsync(CancellationToken.None).ConfigureAwait(false);
        var addresses = receiver._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        (receiver.Http, receiver.Grpc) = (new Uri(addresses[0]), new Uri(addresses[1]));
        return receiver;
    }

    /// <summary>The spans taken so far, once they are as asked.</summary>
    /// <exception cref="TimeoutException">They did not become so; the message says what came.</exception>
    public async Task<IReadOnlyList<ReceivedSpan>> WaitAsync(Func<IReadOnlyList<ReceivedSpan>, bool> areThere)
    {
        try
        {
            while (true)
            {
                Task news;
                lock (_gate)
                {
                    news = _news.Task;
                }

                var spans = Spans;
                if (areThere(spans))
                {
                    return spans;
                }

                await news.WaitAsync(Patience).ConfigureAwait(false);
            }
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the spans that came are not those waited for: {string.Join(", ", Spans.Select(static span => span.Name))}");
        }
    }

    /// <summary>Completes when so many exports have come, whatever they were answered.</summary>
    public Task WaitForExportsAsync(int exports) => WaitAsync(_ => Exports >= exports);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        using var now = new CancellationTokenSource();
        await now.CancelAsync().ConfigureAwait(false);
        await _application.StopAsync(now.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var isGrpc = context.Request.Path == GrpcPath;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        var isTaken = Status == StatusCodes.Status200OK && !IsSilent;
        Note(isTaken && (isGrpc || context.Request.Path == "/v1/traces") ? TraceMessage.Read(isGrpc ? body.ToArray()[5..] : body.ToArray()) : [], context.Request.Headers);
        if (IsSilent)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            context.Abort();
        }
        else if (isGrpc)
        {
            await AnswerGrpcAsync(context, isTaken).ConfigureAwait(false);
        }
        else
        {
            context.Response.StatusCode = Status;
            context.Response.ContentType = "application/x-protobuf";
        }
    }

    private static async Task AnswerGrpcAsync(HttpContext context, bool isTaken)
    {
        context.Response.ContentType = "application/grpc";
        if (isTaken)
        {
            await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted).ConfigureAwait(false);
        }

        context.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers.GrpcStatus = isTaken ? "0" : "14";
    }

    private void Note(List<ReceivedSpan> spans, IHeaderDictionary headers)
    {
        lock (_gate)
        {
            _spans.AddRange(spans);
            _exports++;
            Headers = headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            _news.TrySetResult();
            _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
