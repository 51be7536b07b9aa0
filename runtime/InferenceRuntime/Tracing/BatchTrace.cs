using System.Diagnostics;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Telemetry;

namespace InferenceRuntime.Tracing;

/// <summary>The span of one batch in which at least one request is recorded, a trace of its own that is linked with theirs. Used by the thread that runs the batch.</summary>
internal sealed class BatchTrace
{
    /// <summary>Links of a batch: as many as receivers keep by default.</summary>
    public const int LinksMax = 128;

    private readonly Traces _traces;
    private readonly Activity _span;
    private readonly RunSlot _slot;
    private readonly TimeProvider _clock;
    private readonly long _closedAt;
    private readonly DateTime _closedUtc;
    private readonly int _rows;
    private readonly int _requests;
    private long _endedAt;

    private BatchTrace(Traces traces, Activity span, RunSlot slot, long closedAt, DateTime closedUtc, TimeProvider clock)
    {
        _traces = traces;
        _span = span;
        _slot = slot;
        _clock = clock;
        _closedAt = _endedAt = closedAt;
        _closedUtc = closedUtc;
        _rows = slot.Batch.Rows;
        _requests = slot.Batch.Parts.Length;
    }

    /// <summary>Begins the span of a slot's batch.</summary>
    /// <param name="slot">The slot, its batch closed.</param>
    /// <param name="first">The first of its requests that is recorded.</param>
    /// <param name="model">The model.</param>
    /// <param name="closedAt">When it closed, a timestamp.</param>
    /// <param name="clock">The clock of the timestamps.</param>
    public static BatchTrace? Begin(RunSlot slot, SampledRequest first, ModelSignature model, long closedAt, TimeProvider clock)
    {
        List<ActivityLink> links = [];
        var oldestAt = closedAt;
        foreach (var part in slot.Batch.Parts)
        {
            oldestAt = Math.Min(oldestAt, part.Request.AcceptedAt);
            if (links.Count < LinksMax && ((PendingInference)part.Request).Request.Trace is SampledRequest sampled)
            {
                links.Add(new ActivityLink(sampled.Span.Context));
            }
        }

        var closedUtc = clock.GetUtcNow().UtcDateTime - clock.GetElapsedTime(closedAt);
        var beganAt = Math.Clamp(slot.FreeSince, oldestAt, closedAt);
        var began = closedUtc - clock.GetElapsedTime(beganAt, closedAt);
        if (first.Traces.Begin("batch", ActivityKind.Internal, default, began, links) is not { } span)
        {
            return null;
        }

        span.SetTag(SpanAttributes.Model, model.Name);
        span.SetTag(SpanAttributes.Version, model.Version);
        span.SetTag(SpanAttributes.BatchRows, slot.Batch.Rows);
        span.SetTag(SpanAttributes.BatchRequests, slot.Batch.Parts.Length);
        span.SetTag(SpanAttributes.Variant, first.Variant);
        span.SetTag(SpanAttributes.Bucket, first.Bucket);
        return new BatchTrace(first.Traces, span, slot, closedAt, closedUtc, clock);
    }

    /// <summary>Notes on a request that it ran in this batch. Called before the request has its outcome.</summary>
    public void Note(BatchPart part)
    {
        if (((PendingInference)part.Request).Request.Trace is SampledRequest sampled)
        {
            sampled.Note(new ExecutionNote(_span.Context, part.Request.AcceptedAt, _slot.FreeSince, _closedAt, _endedAt, _rows, _requests));
        }
    }

    /// <summary>Adds a run by the instance that ends now, with its stages.</summary>
    public void AddRun(long startedAt, int rows, in RunResult result)
    {
        _endedAt = _clock.GetTimestamp();
        if (_traces.Begin("run", ActivityKind.Internal, _span.Context, At(startedAt)) is not { } run)
        {
            return;
        }

        run.SetTag(SpanAttributes.Rows, rows);
        run.SetTag(SpanAttributes.Instance, _slot.Index);
        run.SetTag(SpanAttributes.RunStatus, result.Status.ToString());
        if (result.Status is RunStatus.Done)
        {
            AddStages(run, At(startedAt), At(_endedAt), result);
        }
        else
        {
            run.SetStatus(ActivityStatusCode.Error);
        }

        Traces.End(run, At(_endedAt));
    }

    /// <summary>Ends the span: every request has its outcome.</summary>
    public void End() => Traces.End(_span, At(_endedAt));

    // An instance tells how long it packed and computed; what is left of its time went into the answers.
    private void AddStages(Activity run, DateTime from, DateTime to, in RunResult result)
    {
        var packed = Earlier(from + result.Packing, to);
        var computed = Earlier(packed + result.Compute, to);
        AddStage(run, "pack", from, packed);
        AddStage(run, "compute", packed, computed);
        AddStage(run, "unpack", computed, to);
    }

    private void AddStage(Activity run, string name, DateTime from, DateTime to)
    {
        if (to > from && _traces.Begin(name, ActivityKind.Internal, run.Context, from) is { } stage)
        {
            Traces.End(stage, to);
        }
    }

    private static DateTime Earlier(DateTime a, DateTime b) => a < b ? a : b;

    private DateTime At(long timestamp) => _closedUtc + _clock.GetElapsedTime(_closedAt, timestamp);
}
