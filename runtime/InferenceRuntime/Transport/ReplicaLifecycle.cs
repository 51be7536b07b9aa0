using System.Diagnostics.CodeAnalysis;

namespace InferenceRuntime.Transport;

/// <summary>The phase that all ports of a replica go by. Thread safe.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing but memory, and calls ask for its token to the very end.")]
internal sealed class ReplicaLifecycle
{
    private readonly CancellationTokenSource _draining = new();
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _phase;

    public ReplicaPhase Phase => (ReplicaPhase)Volatile.Read(ref _phase);

    public bool IsReady => Phase == ReplicaPhase.Ready;

    /// <summary>True when work is taken, whatever the probes say.</summary>
    public bool TakesWork => Phase is ReplicaPhase.Ready or ReplicaPhase.Leaving;

    /// <summary>True when connections are to be closed after their next reply.</summary>
    public bool SendsClientsAway => Phase >= ReplicaPhase.Leaving;

    /// <summary>Completes with the next move. To miss none, take it before the phase is read.</summary>
    public Task Moved => Volatile.Read(ref _moved).Task;

    /// <summary>Cancelled when <see cref="ReplicaPhase.Draining"/> begins: calls without an end of their own then end.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Moves on to a later phase; a phase that lies behind is passed over.</summary>
    public void MoveTo(ReplicaPhase phase)
    {
        var now = Volatile.Read(ref _phase);
        while (now < (int)phase)
        {
            var before = Interlocked.CompareExchange(ref _phase, (int)phase, now);
            if (before == now)
            {
                Tell(phase);
                return;
            }

            now = before;
        }
    }

    private void Tell(ReplicaPhase phase)
    {
        Interlocked.Exchange(ref _moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        if (phase >= ReplicaPhase.Draining)
        {
            _draining.Cancel();
        }
    }
}
