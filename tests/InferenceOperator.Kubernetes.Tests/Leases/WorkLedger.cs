using InferenceOperator.Kubernetes.Tests.Kit;

namespace InferenceOperator.Kubernetes.Tests.Leases;

/// <summary>Who works on what at the moment, and whether two ever worked on the same.</summary>
internal sealed class WorkLedger
{
    private readonly Lock _gate = new();
    private readonly List<(string Name, int Shard)> _working = [];
    private readonly List<string> _breaches = [];
    private readonly TaskCompletionSource _yield = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _told;

    /// <summary>Work does not end when told to, but only after <see cref="Yield"/>.</summary>
    public bool Stubborn { get; init; }

    /// <summary>No two of different names may work at all, whatever their shards.</summary>
    public bool Exclusive { get; init; }

    public IReadOnlyList<string> Holders
    {
        get
        {
            lock (_gate)
            {
                return [.. _working.Select(static w => $"{w.Name}:{w.Shard}").Order(StringComparer.Ordinal)];
            }
        }
    }

    public IReadOnlyList<string> Breaches
    {
        get
        {
            lock (_gate)
            {
                return [.. _breaches];
            }
        }
    }

    /// <summary>How often work was told to end.</summary>
    public int Told => Volatile.Read(ref _told);

    public int Of(string name)
    {
        lock (_gate)
        {
            return _working.Count(w => w.Name == name);
        }
    }

    public void Yield() => _yield.TrySetResult();

    public async Task WorkAsync(string name, int shard, CancellationToken stop)
    {
        lock (_gate)
        {
            _breaches.AddRange(_working.Where(other => Exclusive ? other.Name != name : other.Shard == shard).Select(other => $"{name}:{shard} began while {other.Name}:{other.Shard} worked"));
            _working.Add((name, shard));
            ChangedLocked();
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Increment(ref _told);
        lock (_gate)
        {
            ChangedLocked();
        }

        if (Stubborn)
        {
            await _yield.Task;
        }

        lock (_gate)
        {
            _working.Remove((name, shard));
            ChangedLocked();
        }
    }

    public async Task UntilAsync(Func<WorkLedger, bool> condition)
    {
        using var patience = new CancellationTokenSource(Cluster.Patience, TimeProvider.System);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            if (condition(this))
            {
                return;
            }

            try
            {
                await changed.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Working: {string.Join(", ", Holders)}; breaches: {string.Join(", ", Breaches)}");
            }
        }
    }

    private void ChangedLocked()
    {
        _changed.TrySetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
