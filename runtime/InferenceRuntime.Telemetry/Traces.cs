using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace InferenceRuntime.Telemetry;

/// <summary>The traces of one program, from their first span to the receiver. There is none where none are asked for. Thread safe.</summary>
public sealed partial class Traces : IAsyncDisposable
{
    /// <summary>Longest that the end of the program waits for the receiver.</summary>
    public static readonly TimeSpan FlushTimeMax = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan CutTimeMax = TimeSpan.FromSeconds(1);

    // Duration zero means to the library that a span has no end yet.
    private static readonly TimeSpan ShortestSpan = TimeSpan.FromTicks(1);

    private readonly ActivitySource _source;
    private readonly TraceSampler _sampler;
    private readonly SpanQueue _queue;
    private readonly TracerProvider _provider;
    private readonly TimeProvider _clock;

    /// <param name="settings">What is asked for.</param>
    /// <param name="source">Name of the program that makes the spans; unique among those that run in the process.</param>
    /// <param name="seed">Of the draws that begin traces.</param>
    /// <param name="clock">Time.</param>
    /// <param name="loggers">Logs.</param>
    public Traces(TraceSettings settings, string source, ulong seed, TimeProvider clock, ILoggerFactory loggers)
    {
        _clock = clock;
        _sampler = new TraceSampler(settings.Sampling, seed);
        _queue = new SpanQueue(new OtlpTraceExporter(ExporterOptions(settings)), settings, clock, loggers.CreateLogger<Traces>());
        var resource = ResourceBuilder.CreateEmpty()
            .AddTelemetrySdk()
            .AddService(settings.Service, serviceVersion: typeof(Traces).Assembly.GetName().Version?.ToString(3), autoGenerateServiceInstanceId: false)
            .AddAttributes(settings.Resource)
            .AddEnvironmentVariableDetector();

        // What reaches the library has been sampled: it would allocate for what is not.
        _provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new AlwaysOnSampler())
            .AddSource(source)
            .AddProcessor(_queue)
            .Build();
        _source = new ActivitySource(source);
    }

    /// <summary>The traces that the process's environment asks for; null for none. Never keeps a program from starting: what is wrong is logged.</summary>
    /// <param name="program">Name of the program, unless the environment gives the service another.</param>
    /// <param name="resource">Attributes of everything that is sent.</param>
    /// <param name="clock">Time.</param>
    /// <param name="loggers">Logs.</param>
    public static Traces? FromEnvironment(
        string program, ImmutableArray<KeyValuePair<string, object>> resource, TimeProvider clock, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<Traces>();
        List<string> complaints = [];
        var settings = TraceSettings.Read(Environment.GetEnvironmentVariable, program, complaints);
        foreach (var complaint in complaints)
        {
            LogComplaint(logger, complaint);
        }

        if (settings is null)
        {
            return null;
        }

        try
        {
            var seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
            var traces = new Traces(settings with { Resource = resource }, program, seed, clock, loggers);
            LogSending(logger, settings.Endpoint, settings.Protocol);
            return traces;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            LogComplaint(logger, $"no traces are sent: {e.Message}");
            return null;
        }
    }

    /// <summary>What became of the spans so far.</summary>
    public SpanCounts Counts => _queue.Counts;

    /// <summary>Whether a trace with this caller is recorded. Allocates nothing.</summary>
    public bool Records(in TraceParent parent) => _sampler.Records(parent);

    /// <summary>Begins a span that is recorded, without making it the current one; it ends by <see cref="End"/>.</summary>
    /// <param name="name">Of a small set.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="parent">Its parent; the default begins a trace.</param>
    /// <param name="startedAt">When it began, UTC.</param>
    /// <param name="links">Spans of other traces that it has to do with; null for none.</param>
    /// <returns>Null once the traces have ended.</returns>
    public Activity? Begin(string name, ActivityKind kind, ActivityContext parent, DateTime startedAt, IEnumerable<ActivityLink>? links = null)
    {
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            return _source.StartActivity(kind, parent, links: links, startTime: startedAt, name: name);
        }
        finally
        {
            Activity.Current = current;
        }
    }

    /// <summary>Ends a span, which is then sent.</summary>
    public static void End(Activity span, DateTime endedAt)
    {
        var current = Activity.Current;
        var earliest = span.StartTimeUtc + ShortestSpan;
        span.SetEndTime(endedAt < earliest ? earliest : endedAt);
        span.Stop();
        Activity.Current = current;
    }

    /// <summary>Begins a trace, if it is to be recorded, and makes its span the current one until it is disposed.</summary>
    public Activity? StartTrace(string name)
    {
        Activity.Current = null;
        return _sampler.RecordsRoot() ? _source.StartActivity(name) : null;
    }

    /// <summary>Begins a span below the current one, if there is one, and takes its place until it is disposed.</summary>
    public Activity? StartPart(string name, ActivityKind kind = ActivityKind.Internal) =>
        Activity.Current is null ? null : _source.StartActivity(name, kind);

    /// <summary>Sends what waits, for <see cref="FlushTimeMax"/> at most; what is then left is dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Finish();
        await _queue.Ended.WaitAsync(FlushTimeMax, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Cuts what is being sent.
        _provider.Dispose();
        await _queue.Ended.WaitAsync(CutTimeMax, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _source.Dispose();
    }

    private static OtlpExporterOptions ExporterOptions(TraceSettings settings)
    {
        // Certificates are the library's matter: it reads their variables itself.
        var options = new OtlpExporterOptions
        {
            Endpoint = settings.Endpoint,
            Protocol = settings.Protocol,
            TimeoutMilliseconds = (int)settings.ExportTimeMax.TotalMilliseconds,
            Compression = settings.IsPacked ? OtlpExportCompression.GZip : OtlpExportCompression.None,
        };
        options.Headers = settings.Headers;
        return options;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Complaint}")]
    private static partial void LogComplaint(ILogger logger, string complaint);

    [LoggerMessage(Level = LogLevel.Information, Message = "Traces are sent to {Endpoint} by {Protocol}")]
    private static partial void LogSending(ILogger logger, Uri endpoint, OtlpExportProtocol protocol);
}
