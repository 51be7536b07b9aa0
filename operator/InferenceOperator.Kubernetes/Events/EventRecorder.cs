using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using InferenceOperator.Kubernetes.Errors;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Events;

/// <summary>Tells people, by core/v1 Events, what happened to an object. Never holds its caller up and never fails it.</summary>
/// <remarks>
/// Equal reports within ten minutes are one event with a count. Bounded: <see cref="PendingMax"/> reports wait to be written,
/// and one object may cause 25 at once and one in five minutes after that; what is beyond is dropped and counted in <see cref="Dropped"/>.
/// </remarks>
public sealed class EventRecorder
{
    /// <summary>Reports that may wait to be written.</summary>
    public const int PendingMax = 1024;

    /// <summary>The API server's limit for a note.</summary>
    private const int MessageMax = 1024;

    private static readonly Resource<JsonObject> Events = Resource.Untyped(ResourceType.Events);

    private readonly EventAggregation _aggregation = new();
    private readonly Channel<EventReport> _pending;
    private readonly KubernetesClient _client;
    private readonly string _component;
    private readonly string _instance;
    private readonly ILogger _logger;
    private readonly SteadyClock _steady;
    private long _dropped;

    /// <param name="component">Who reports, such as <c>inference-operator</c>; also the field manager.</param>
    /// <param name="instance">Which one of several, such as the pod's name.</param>
    public EventRecorder(KubernetesClient client, string component, string instance, ILogger logger)
    {
        _client = client;
        _steady = new SteadyClock(client.Time);
        _component = component;
        _instance = instance;
        _logger = logger;
        _pending = Channel.CreateBounded<EventReport>(
            new BoundedChannelOptions(PendingMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    }

    /// <summary>Reports that were not written, for want of room or because the object reported too much.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <param name="reason">One CamelCase word for programs.</param>
    /// <param name="message">A sentence for people; cut at 1,024 characters. Without numbers that differ each time, or nothing can be joined.</param>
    public void Record(ObjectReference regarding, EventSeverity severity, string reason, string message)
    {
        var cut = message.Length > MessageMax ? message[..MessageMax] : message;
        if (!_pending.Writer.TryWrite(new EventReport(regarding, severity, reason, cut)))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Writes the events until cancelled. Run it once, and await it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var report in _pending.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_aggregation.Take(report, _steady.Now) is { } series)
                {
                    await WriteAsync(report, series, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    Interlocked.Increment(ref _dropped);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to end: what is not yet written is only news.
        }
    }

    private async Task WriteAsync(EventReport report, EventSeries series, CancellationToken cancellationToken)
    {
        try
        {
            var key = new ObjectKey(report.Regarding.EventNamespace, series.Name);
            if (series.Count == 1)
            {
                await _client.CreateAsync(Events, Body(report, series, key), cancellationToken).ConfigureAwait(false);
                return;
            }

            var patch = new JsonObject { ["count"] = series.Count, ["lastTimestamp"] = Text(series.Last) };
            await _client.PatchAsync(Events, key, patch, _component, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error)
        {
            // Events expire after an hour or so, and the first write may have been the one that failed.
            _aggregation.Forget(report);
            Interlocked.Increment(ref _dropped);
            _logger.EventLost(report.Reason, report.Regarding.Key, error.Message);
        }
    }

    private JsonObject Body(EventReport report, EventSeries series, ObjectKey key) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Event",
        ["metadata"] = new JsonObject { ["namespace"] = key.Namespace, ["name"] = key.Name },
        ["involvedObject"] = report.Regarding.ToJson(),
        ["type"] = report.Severity.ToString(),
        ["reason"] = report.Reason,
        ["message"] = report.Message,
        ["count"] = series.Count,
        ["firstTimestamp"] = Text(series.First),
        ["lastTimestamp"] = Text(series.Last),
        ["source"] = new JsonObject { ["component"] = _component },
        ["reportingComponent"] = _component,
        ["reportingInstance"] = _instance,
    };

    /// <summary>By the time of day, whatever was done to that since.</summary>
    private string Text(DateTimeOffset steady) =>
        (steady + (_client.Time.GetUtcNow() - _steady.Now)).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
