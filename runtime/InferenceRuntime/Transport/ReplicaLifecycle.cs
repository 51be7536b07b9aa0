namespace InferenceRuntime.Transport;

/// <summary>The phase that all ports of a replica go by. Thread safe.</summary>
internal sealed class ReplicaLifecycle
{
    private int _phase;

    public ReplicaPhase Phase => (ReplicaPhase)Volatile.Read(ref _phase);

    public bool IsReady => Phase == ReplicaPhase.Ready;

    /// <summary>True when work is taken, whatever the probes say.</summary>
    public bool TakesWork => Phase is ReplicaPhase.Ready or ReplicaPhase.Leaving;

    /// <summary>True when connections are to be closed after their next reply.</summary>
    public bool SendsClientsAway => Phase >= ReplicaPhase.Leaving;

    /// <summary>Moves on to a later phase; a phase that lies behind is passed over.</summary>
    public void MoveTo(ReplicaPhase phase)
    {
        var now = Volatile.Read(ref _phase);
        while (now < (int)phase)
        {
            var before = Interlocked.CompareExchange(ref _phase, (int)phase, now);
            if (before == now)
            {
                return;
            }

            now = before;
        }
    }
}
