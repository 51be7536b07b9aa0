using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace InferenceRuntime.Telemetry;

/// <summary>Spans between their end and the receiver: a bounded queue, and the one thread that sends what is in it.</summary>
/// <remarks>
/// To end a span costs a lock and a store, whatever the receiver does: a full queue drops and counts. The library's own batch processor
/// keeps its counts to itself.
/// </remarks>
internal sealed partial class SpanQueue : BaseExportProcessor<Activity>
{
    private readonly object _gate = new();
    private readonly ILogger _logger;
    private readonly string _endpoint;
    private readonly Activity[] _sending;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // All below are guarded by _gate.
    private readonly Queue<Activity> _waiting;
    private readonly int _spansMax;
    private SpanCounts _counts;
    private bool _isDue;
    private bool _isFinishing;
    private bool _isCut;

    // The thread's own.
    private bool _isFailing;

    /// <param name="exporter">Sends; called by one thread at a time.</param>
    /// <param name="settings">The limits.</param>
    /// <param name="clock">Says when what waits is sent.</param>
    /// <param name="logger">Told when the receiver stops taking spans, and when it takes them again.</param>
    public SpanQueue(BaseExporter<Activity> exporter, TraceSettings settings, TimeProvider clock, ILogger logger)
        : base(exporter)
    {
        _logger = logger;
        _endpoint = settings.Endpoint.ToString();
        _spansMax = settings.SpansMax;
        _waiting = new Queue<Activity>(settings.SpansMax);
        _sending = new Activity[settings.SentMax];
        _timer = clock.CreateTimer(_ => SendSoon(), null, settings.SendInterval, settings.SendInterval);
        new Thread(Work) { IsBackground = true, Name = "traces" }.Start();
    }

    /// <summary>Completes when nothing is sent any more.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What became of the spans so far.</summary>
    public SpanCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return _counts;
            }
        }
    }

    /// <summary>Takes no more spans, and ends when those that wait have been sent.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _isFinishing = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <inheritdoc/>
    protected override void OnExport(Activity data)
    {
        lock (_gate)
        {
            if (_isFinishing)
            {
                _counts = _counts with { DroppedUndelivered = _counts.DroppedUndelivered + 1 };
            }
            else if (_waiting.Count == _spansMax)
            {
                _counts = _counts with { DroppedFull = _counts.DroppedFull + 1 };
            }
            else
            {
                _waiting.Enqueue(data);
                if (_waiting.Count == _sending.Length)
                {
                    Monitor.PulseAll(_gate);
                }
            }
        }
    }

    /// <summary>Cuts what is being sent; what still waits is dropped.</summary>
    protected override bool OnShutdown(int timeoutMilliseconds)
    {
        lock (_gate)
        {
            _isFinishing = _isCut = true;
            Monitor.PulseAll(_gate);
        }

        return exporter.Shutdown(timeoutMilliseconds);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _timer.Dispose();
        base.Dispose(disposing);
    }

    private void SendSoon()
    {
        lock (_gate)
        {
            _isDue = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        while (Take() is var taken and > 0)
        {
            var isTaken = Send(taken);
            Array.Clear(_sending, 0, taken);
            lock (_gate)
            {
                _counts = isTaken
                    ? _counts with { Exported = _counts.Exported + taken }
                    : _counts with { DroppedUndelivered = _counts.DroppedUndelivered + taken };
            }

            Tell(isTaken);
        }

        _ended.SetResult();
    }

    private bool Send(int taken)
    {
        try
        {
            return exporter.Export(new Batch<Activity>(_sending, taken)) == ExportResult.Success;
        }
#pragma warning disable CA1031 // The edge of the thread: whatever the library throws, the program goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogThrew(e, _endpoint);
            return false;
        }
    }

    // Blocks until there is something to send; 0 when there will be nothing any more.
    private int Take()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_isCut)
                {
                    _counts = _counts with { DroppedUndelivered = _counts.DroppedUndelivered + _waiting.Count };
                    _waiting.Clear();
                }

                var isDue = _isDue || _isFinishing || _waiting.Count >= _sending.Length;
                if (isDue && _waiting.Count > 0)
                {
                    return TakeLocked();
                }

                if (_isFinishing)
                {
                    return 0;
                }

                _isDue = false;
                Monitor.Wait(_gate);
            }
        }
    }

    private int TakeLocked()
    {
        var taken = Math.Min(_waiting.Count, _sending.Length);
        for (var i = 0; i < taken; i++)
        {
            _sending[i] = _waiting.Dequeue();
        }

        return taken;
    }

    private void Tell(bool isTaken)
    {
        if (isTaken == !_isFailing)
        {
            return;
        }

        _isFailing = !isTaken;
        if (isTaken)
        {
            LogTakenAgain(_endpoint);
        }
        else
        {
            LogNotTaken(_endpoint);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Spans are not taken by {Endpoint}: they are dropped and counted until they are")]
    private partial void LogNotTaken(string endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The export of spans to {Endpoint} threw")]
    private partial void LogThrew(Exception exception, string endpoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "Spans are taken by {Endpoint} again")]
    private partial void LogTakenAgain(string endpoint);
}
