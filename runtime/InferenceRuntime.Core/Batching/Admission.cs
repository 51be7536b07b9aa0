namespace InferenceRuntime.Core.Batching;

/// <summary>What the queue says to a request.</summary>
public enum Admission
{
    /// <summary>It waits; the state of the queue changed in a way that a waiting worker has to look at.</summary>
    AcceptedWakeWorker,

    /// <summary>It waits; what workers wait for has not changed.</summary>
    Accepted,

    /// <summary>No room by requests or by bytes.</summary>
    Full,

    /// <summary>It alone has more bytes than the queue may ever hold.</summary>
    TooLarge,

    /// <summary>Its deadline has passed.</summary>
    Expired,

    /// <summary>The queue takes no new work.</summary>
    Draining,
}
