namespace InferenceOperator.Local.Endpoint;

/// <summary>Where the requests for one agent go: the replica with the fewest outstanding requests, ties in rotation.</summary>
/// <remarks>Thread safe. When no replica is ready but one is coming, a bounded number of requests waits for a bounded time.</remarks>
internal sealed class AgentRoute(string agent, EndpointLimits limits, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile RouteState _state = RouteState.Initial;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _turn;
    private int _inside;
    private int _held;

    /// <summary>The agent's name, which is the model's name in the path.</summary>
    public string Agent => agent;

    /// <summary>What the route points at now.</summary>
    public RouteState State => _state;

    /// <summary>Requests inside the endpoint, held ones included.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Requests that wait for a replica.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Counts of what became of the requests.</summary>
    public RouteCounters Counters { get; } = new();

    /// <summary>Points the route elsewhere and wakes the requests that wait.</summary>
    public void Update(RouteState state)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _state = state;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
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

    /// <summary>The replica for the next request, acquired; waits for one to become ready within the limits.</summary>
    /// <param name="except">A replica that has just failed this request; used only when there is no other.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    /// <returns>An acquired replica, or null when there is none in time.</returns>
    public ValueTask<Upstream?> AcquireAsync(Upstream? except, CancellationToken cancellationToken) =>
        TryChoose(except) is { } upstream ? new(upstream) : HoldAsync(except, cancellationToken);

    private async ValueTask<Upstream?> HoldAsync(Upstream? except, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _held) > limits.HoldRequestsMax)
        {
            Interlocked.Decrement(ref _held);
            return null;
        }

        try
        {
            var began = time.GetTimestamp();
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    changed = _changed.Task;
                }

                if (TryChoose(except) is { } upstream)
                {
                    return upstream;
                }

                var left = limits.HoldTimeMax - time.GetElapsedTime(began);
                if (left <= TimeSpan.Zero || !(_state.MoreComing || _state.Upstreams.Length > 0))
                {
                    return null;
                }

                await WaitAsync(changed, Shortest(left), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan most, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(most, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Looked at again by the caller: its time is up, or a replica that was taken out may be tried again.
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
