namespace InferenceRuntime.Transport;

/// <summary>Where a replica stands between its start and its end; only ever moves down this list.</summary>
internal enum ReplicaPhase
{
    /// <summary>The model is being loaded and warmed.</summary>
    Starting,

    /// <summary>Answers, and says so.</summary>
    Ready,

    /// <summary>Answers, but says that it is not ready, until no new clients come.</summary>
    Leaving,

    /// <summary>Refuses new work and finishes what it has.</summary>
    Draining,
}
