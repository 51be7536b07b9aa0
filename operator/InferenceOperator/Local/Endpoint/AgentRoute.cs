namespace InferenceOperator.Local.Endpoint;

/// <summary>Where the requests for one agent go: the replica with the fewest outstanding requests, ties in rotation.</summary>
/// <remarks>
/// Thread safe. When no replica is ready but one is coming, or can be woken, a bounded number of requests waits for a bounded time. They
/// are given to replicas in the order in which they came, and none that comes later goes before them.
/// </remarks>
internal sealed class AgentRoute(string agent, EndpointLimits limits, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly WaitingLine _line = new(limits);
    private volatile RouteState _state = RouteState.Initial;
    private bool _wakeAsked;
    private uint _turn;
    private int _inside;

    /// <summary>Raised when a request waits for an agent that sleeps, once until it sleeps again. On the request's thread; must return at once.</summary>
    public event Action? WakeAsked;

    /// <summary>The agent's name, which is the model's name in the path.</summary>
    public string Agent => agent;

    /// <summary>What the route points at now.</summary>
    public RouteState State => _state;

    /// <summary>Requests inside the endpoint, held ones included.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Requests that wait for a replica.</summary>
    public int Held => _line.Count;

    /// <summary>Counts of what became of the requests.</summary>
    public RouteCounters Counters { get; } = new();

    /// <summary>Points the route elsewhere and serves the requests that wait.</summary>
    public void Update(RouteState state)
    {
        lock (_gate)
        {
            _state = state;
            _wakeAsked &= state.IsAsleep;
            ServeLineLocked();
        }
    }

    /// <summary>Counts a request in; false when the endpoint holds as many of this agent as it may.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inside) <= limits.RequestsMax)
        {
            return true;
        }

        Interlocked.Decrement(ref _inside);
        return false;
    }

    /// <summary>Counts a request out.</summary>
    public void Leave() => Interlocked.Decrement(ref _inside);

    /// <summary>Why a request was given no replica, for its client.</summary>
    public string WhyNone()
    {
        var state = _state;
        var why = state.Upstreams.Length > 0 ? "its replicas break their connections"
            : Held >= limits.HoldRequestsMax ? $"{limits.HoldRequestsMax} requests wait for its replica already"
            : state.Reason;
        return $"agent '{agent}' has no ready replica: {why}";
    }

    /// <summary>The replica for the next request, acquired; waits for one to become ready within the limits.</summary>
    /// <param name="except">A replica that has just failed this request; used only when there is no other.</param>
    /// <param name="bytes">Bytes of the request's body, which are held as long as it waits.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    /// <returns>An acquired replica, or null when there is none in time.</returns>
    public ValueTask<Upstream?> AcquireAsync(Upstream? except, long bytes, CancellationToken cancellationToken) =>
        _line.Count == 0 && TryChoose(except) is { } upstream ? new(upstream) : HoldAsync(new WaitingRequest(except, bytes), cancellationToken);

    private async ValueTask<Upstream?> HoldAsync(WaitingRequest request, CancellationToken cancellationToken)
    {
        if (!TryJoinLine(request))
        {
            return null;
        }

        try
        {
            var began = time.GetTimestamp();
            while (true)
            {
                var left = (_state.WakesOnRequest ? limits.WakeTimeMax : limits.HoldTimeMax) - time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero && TryLeaveLine(request))
                {
                    return null;
                }

                if (await HasEndedAsync(request, Shortest(left), cancellationToken).ConfigureAwait(false))
                {
                    return await request.Outcome.ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            if (!TryLeaveLine(request))
            {
                // It was given a replica just as its client went.
                (await request.Outcome.ConfigureAwait(false))?.Release();
            }

            throw;
        }
    }

    private bool TryJoinLine(WaitingRequest request)
    {
        var asks = false;
        lock (_gate)
        {
            if (!_state.IsWorthWaiting || !_line.TryAdd(request))
            {
                return false;
            }

            asks = _state.IsAsleep && !_wakeAsked;
            _wakeAsked |= asks;
            ServeLineLocked();
        }

        if (asks)
        {
            WakeAsked?.Invoke();
        }

        return true;
    }

    private bool TryLeaveLine(WaitingRequest request)
    {
        lock (_gate)
        {
            return _line.Remove(request);
        }
    }

    // False: it is time to look again, because a replica that was taken out may be tried again or the wait is over.
    private async Task<bool> HasEndedAsync(WaitingRequest request, TimeSpan most, CancellationToken cancellationToken)
    {
        try
        {
            await request.Outcome.WaitAsync(most, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                ServeLineLocked();
            }

            return request.Outcome.IsCompleted;
        }
    }

    private void ServeLineLocked()
    {
        while (_line.First is { } first)
        {
            var upstream = TryChoose(first.Except);
            if (upstream is null && _state.IsWorthWaiting)
            {
                return;
            }

            _line.Remove(first);
            first.End(upstream);
        }
    }

    private TimeSpan Shortest(TimeSpan left)
    {
        foreach (var upstream in _state.Upstreams)
        {
            if (upstream.Remaining is var remaining && remaining > TimeSpan.Zero && remaining < left)
            {
                left = remaining;
            }
        }

        // A timer may fire a little early; a millisecond more saves a second look.
        return left + TimeSpan.FromMilliseconds(1);
    }

    private Upstream? TryChoose(Upstream? except)
    {
        while (true)
        {
            var upstreams = _state.Upstreams;
            var best = Best(upstreams.AsSpan(), except) ?? (except is null ? null : Best(upstreams.AsSpan(), except: null));
            if (best is null || best.TryAcquire())
            {
                return best;
            }

            // It was retired meanwhile. The route no longer points at it by then: a replica is taken out of the route first.
            if (_state.Upstreams == upstreams)
            {
                return null;
            }
        }
    }

    private Upstream? Best(ReadOnlySpan<Upstream> upstreams, Upstream? except)
    {
        if (upstreams.IsEmpty)
        {
            return null;
        }

        var first = upstreams.Length == 1 ? 0 : (int)(Interlocked.Increment(ref _turn) % (uint)upstreams.Length);
        Upstream? best = null;
        for (var i = 0; i < upstreams.Length; i++)
        {
            var upstream = upstreams[(first + i) % upstreams.Length];
            if (upstream != except && !upstream.IsOut && (best is null || upstream.Outstanding < best.Outstanding))
            {
                best = upstream;
            }
        }

        return best;
    }
}
