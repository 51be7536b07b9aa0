using System.Threading.Channels;

namespace InferenceRuntime.Load;

/// <summary>
/// Sends requests and measures. An open loop sends at drawn instants and counts latency from the instant at which a request was
/// due, so that a slow server cannot hide its slowness by slowing the client (coordinated omission).
/// </summary>
internal sealed class LoadGenerator(LoadOptions options, TimeProvider clock)
{
    private const int BacklogMax = 100_000;
    private const int WarmUpPhase = -1;

    private readonly LoadTally _total = new();
    private readonly LoadTally _second = new();
    private readonly LoadTally[] _phases = options.Shape is LoadShape.Open open ? [.. open.Phases.Select(static _ => new LoadTally())] : [];
    private int _phase = WarmUpPhase;
    private double _rate;
    private volatile bool _held;
    private long _countingSince;
    private long _countingUntil;
    private long _lastReplyAt;

    /// <summary>Runs the whole load.</summary>
    /// <param name="progress">Called once a second from one thread at a time.</param>
    /// <param name="cancellationToken">Ends it early; what was counted so far is not returned.</param>
    public async Task<LoadReport> RunAsync(Action<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        var count = options.Shape switch
        {
            LoadShape.Open open => open.ConnectionsMax,
            LoadShape.Closed closed => closed.Clients,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        using var invoker = options.Protocol == LoadProtocol.Grpc ? GrpcConnection.Invoker() : null;
        LoadClient[] clients = [.. Enumerable.Range(0, count).Select(_ => new LoadClient(options, Connect(invoker), clock))];
        using var finished = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var watching = WatchAsync(clients, progress, finished.Token);
            await (options.Shape is LoadShape.Open open ? RunOpenAsync(open, clients, cancellationToken) : RunClosedAsync((LoadShape.Closed)options.Shape, clients, cancellationToken));
            _lastReplyAt = clock.GetTimestamp();
            await finished.CancelAsync();
            await watching;
        }
        finally
        {
            Array.ForEach(clients, static client => client.Dispose());
        }

        return Report();
    }

    /// <summary>Keeps the rate of the phase under way where it is until the phase ends; any thread. Without effect in a closed loop.</summary>
    public void Hold() => _held = true;

    private ILoadConnection Connect(HttpMessageInvoker? invoker) =>
        invoker is null ? new HttpConnection(options.Server.Host, options.Server.Port) : GrpcConnection.ForInference(invoker, options.Server);

    private async Task RunOpenAsync(LoadShape.Open open, LoadClient[] clients, CancellationToken cancellationToken)
    {
        var arrivals = Channel.CreateBounded<Arrival>(new BoundedChannelOptions(BacklogMax) { SingleWriter = true });
        var pacing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // A thread of its own: it blocks between arrivals, to the tenth of a millisecond.
        var thread = new Thread(() =>
        {
            Pace(open, arrivals.Writer, cancellationToken);
            arrivals.Writer.Complete();
            pacing.SetResult();
        })
        { IsBackground = true, Name = "arrivals" };
        thread.Start();
        await Task.WhenAll(clients.Select(client => SendArrivalsAsync(client, arrivals.Reader, cancellationToken)).Append(pacing.Task));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Pace(LoadShape.Open open, ChannelWriter<Arrival> arrivals, CancellationToken cancellationToken)
    {
        var random = new Random(options.Seed);
        var start = clock.GetTimestamp();
        var due = TimeSpan.Zero;
        var end = TimeSpan.Zero;
        var index = 0L;
        LoadPhase[] phases = options.WarmUp > TimeSpan.Zero ? [new(open.Phases[0].Rate, options.WarmUp), .. open.Phases] : [.. open.Phases];
        for (var i = 0; i < phases.Length && !cancellationToken.IsCancellationRequested; i++)
        {
            var phase = i - (phases.Length - open.Phases.Count);
            BeginPhase(phase, phases[i].Rate, start, end);
            var began = end;
            end += phases[i].Duration;
            while (due < end && !cancellationToken.IsCancellationRequested)
            {
                var dueAt = At(start, due);
                WaitUntil(dueAt, cancellationToken);
                Offer(new Arrival(index++, dueAt, phase), arrivals);
                if (!_held)
                {
                    Volatile.Write(ref _rate, phases[i].RateAt(due - began));
                }

                due += Gap(open.Arrivals, _rate, random);
            }
        }

        _countingUntil = At(start, end);
    }

    private void BeginPhase(int phase, double rate, long start, TimeSpan at)
    {
        Volatile.Write(ref _phase, phase);
        Volatile.Write(ref _rate, rate);
        _held = false;
        if (phase == 0)
        {
            _countingSince = At(start, at);
        }
    }

    private void Offer(Arrival arrival, ChannelWriter<Arrival> arrivals)
    {
        var tally = arrival.Phase == WarmUpPhase ? null : _phases[arrival.Phase];
        tally?.CountDue();
        _second.CountDue();
        if (!arrivals.TryWrite(arrival))
        {
            tally?.CountLost();
            _second.CountLost();
        }
    }

    private async Task SendArrivalsAsync(LoadClient client, ChannelReader<Arrival> arrivals, CancellationToken cancellationToken)
    {
        await foreach (var arrival in arrivals.ReadAllAsync(cancellationToken))
        {
            var tally = arrival.Phase == WarmUpPhase ? null : _phases[arrival.Phase];
            await client.SendAsync(arrival.Index, arrival.DueAt, tally, _second, cancellationToken);
        }
    }

    private async Task RunClosedAsync(LoadShape.Closed closed, LoadClient[] clients, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        _countingSince = At(start, options.WarmUp);
        _countingUntil = At(start, options.WarmUp + closed.Duration);
        await Task.WhenAll(clients.Select((client, first) => SendInTurnAsync(client, first, clients.Length, cancellationToken)));
    }

    private async Task SendInTurnAsync(LoadClient client, int first, int stride, CancellationToken cancellationToken)
    {
        for (long index = first; ; index += stride)
        {
            var now = clock.GetTimestamp();
            if (now >= _countingUntil)
            {
                return;
            }

            var tally = now >= _countingSince ? _total : null;
            Volatile.Write(ref _phase, tally is null ? WarmUpPhase : 0);
            tally?.CountDue();
            _second.CountDue();
            await client.SendAsync(index, now, tally, _second, cancellationToken);
        }
    }

    /// <summary>Once a second: breaks off overdue requests and says how the load goes.</summary>
    private async Task WatchAsync(LoadClient[] clients, Action<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        try
        {
            for (var second = 1; await timer.WaitForNextTickAsync(cancellationToken); second++)
            {
                Array.ForEach(clients, static client => client.AbortWhenOverdue());
                var phase = Volatile.Read(ref _phase);
                progress?.Invoke(new LoadProgress(second, phase, Volatile.Read(ref _rate), _second.Read(seconds: 1, clear: true)));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The load is over: the last, partial second is in the report.
        }
    }

    private LoadReport Report()
    {
        var seconds = clock.GetElapsedTime(_countingSince, _countingUntil).TotalSeconds;
        IReadOnlyList<LoadFigures> phases = options.Shape is LoadShape.Open open
            ? [.. _phases.Select((tally, i) => tally.Read(open.Phases[i].Duration.TotalSeconds, clear: false))]
            : [];
        foreach (var tally in _phases)
        {
            _total.Add(tally);
        }

        return new LoadReport(
            options.Server.ToString(),
            options.Model,
            options.Protocol.ToString().ToLowerInvariant(),
            options.Rows,
            options.Slo?.TotalMilliseconds,
            seconds,
            clock.GetElapsedTime(_countingSince, _lastReplyAt).TotalSeconds,
            _total.Read(seconds, clear: false),
            phases);
    }

    private void WaitUntil(long due, CancellationToken cancellationToken)
    {
        while (clock.GetTimestamp() < due && !cancellationToken.IsCancellationRequested)
        {
            Pacing.WaitUntil(due, clock);
        }
    }

    private long At(long start, TimeSpan offset) => start + (long)(offset.TotalSeconds * clock.TimestampFrequency);

    private static TimeSpan Gap(ArrivalKind kind, double rate, Random random) => kind switch
    {
        ArrivalKind.Poisson => TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / rate),
        ArrivalKind.Uniform => TimeSpan.FromSeconds(1 / rate),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>A request that fell due.</summary>
    private readonly record struct Arrival(long Index, long DueAt, int Phase);
}
