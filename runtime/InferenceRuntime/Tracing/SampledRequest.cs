using System.Diagnostics;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Telemetry;

namespace InferenceRuntime.Tracing;

/// <summary>A request whose trace is recorded: its server span, and the notes from which the spans below it are made when it has ended.</summary>
/// <remarks>Notes may come from any thread until the request has its outcome; the rest is the transport's.</remarks>
internal sealed class SampledRequest : RequestTrace
{
    /// <summary>Batches that a request notes; one that runs in more pieces has these only.</summary>
    public const int ExecutionsMax = 64;

    private readonly TimeProvider _clock;
    private readonly long _arrivedAt;
    private readonly DateTime _arrivedUtc;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly List<ExecutionNote> _executions = new(1);

    /// <param name="traces">Where its spans go.</param>
    /// <param name="span">The server span, which began when the request arrived.</param>
    /// <param name="arrivedAt">That moment as a timestamp of <paramref name="clock"/>.</param>
    /// <param name="clock">The clock of all timestamps.</param>
    public SampledRequest(Traces traces, Activity span, long arrivedAt, TimeProvider clock)
    {
        Traces = traces;
        Span = span;
        _clock = clock;
        _arrivedAt = arrivedAt;
        _arrivedUtc = span.StartTimeUtc;
    }

    /// <summary>Where its spans go.</summary>
    public Traces Traces { get; }

    /// <summary>The server span.</summary>
    public Activity Span { get; }

    /// <summary>When the body had been read, a timestamp; 0 before.</summary>
    public long ReadAt { get; set; }

    /// <summary>When the reply began to be written, a timestamp; 0 when there was no answer.</summary>
    public long WritingAt { get; set; }

    /// <summary>The variant that has it; null where there is one form.</summary>
    public string? Variant { get; set; }

    /// <summary>What it was padded to; null when it was not.</summary>
    public string? Bucket { get; set; }

    /// <summary>How the cache answered it; null when it did not.</summary>
    public string? Cache { get; set; }

    /// <summary>Notes a batch in which it ran.</summary>
    public void Note(in ExecutionNote execution)
    {
        lock (_gate)
        {
            if (_executions.Count < ExecutionsMax)
            {
                _executions.Add(execution);
            }
        }
    }

    /// <summary>Makes the spans below the server span, and ends it. Its attributes are the transport's.</summary>
    /// <param name="endedAt">When the request ended, a timestamp.</param>
    /// <param name="gaveUpWaiting">It ended while it waited: its time in the queue is shown although it never ran.</param>
    public void End(long endedAt, bool gaveUpWaiting)
    {
        if (ReadAt > 0)
        {
            Part("receive", _arrivedAt, ReadAt);
        }

        lock (_gate)
        {
            if (_executions.Count > 0)
            {
                AddExecutionsLocked();
            }
            else if (gaveUpWaiting && ReadAt > 0)
            {
                Part("queue", ReadAt, endedAt);
            }
        }

        if (WritingAt > 0)
        {
            Part("reply", WritingAt, endedAt);
        }

        Tag(SpanAttributes.Variant, Variant);
        Tag(SpanAttributes.Bucket, Bucket);
        Tag(SpanAttributes.Cache, Cache);
        Traces.End(Span, At(endedAt));
    }

    /// <summary>Adds an attribute to the server span, where there is a value.</summary>
    public void Tag(string name, object? value)
    {
        if (value is not null)
        {
            Span.SetTag(name, value);
        }
    }

    private void AddExecutionsLocked()
    {
        var first = _executions[0];
        foreach (var execution in _executions)
        {
            first = execution.ClosedAt < first.ClosedAt ? execution : first;
        }

        var free = Math.Clamp(first.FreeSince, first.AcceptedAt, Math.Max(first.AcceptedAt, first.ClosedAt));
        Part("queue", first.AcceptedAt, free);
        Part("batch wait", free, first.ClosedAt);
        foreach (var execution in _executions)
        {
            Execution(execution);
        }
    }

    private void Execution(in ExecutionNote execution)
    {
        var span = Traces.Begin("execute", ActivityKind.Internal, Span.Context, At(execution.ClosedAt), [new ActivityLink(execution.Batch)]);
        if (span is not null)
        {
            span.SetTag(SpanAttributes.BatchRows, execution.Rows);
            span.SetTag(SpanAttributes.BatchRequests, execution.Requests);
            Traces.End(span, At(execution.EndedAt));
        }
    }

    // A phase that took no time is left out.
    private void Part(string name, long from, long to)
    {
        if (to > from && Traces.Begin(name, ActivityKind.Internal, Span.Context, At(from)) is { } span)
        {
            Traces.End(span, At(to));
        }
    }

    private DateTime At(long timestamp) => _arrivedUtc + _clock.GetElapsedTime(_arrivedAt, timestamp);
}
