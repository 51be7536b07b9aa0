using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Serving;

/// <summary>A loaded model that answers requests. All members are thread safe.</summary>
public interface IInferenceEngine : ISettingsTarget
{
    /// <summary>Names, types and shapes of the model that is served.</summary>
    ModelSignature Signature { get; }

    /// <summary>The sums behind the metrics. The transport adds the phases of each answered request and reads snapshots.</summary>
    EngineStatistics Statistics { get; }

    /// <summary>What the cache of its responses did; null where there is none to ask.</summary>
    CacheSnapshot? Cache => null;

    /// <summary>Queues the request, waits for its batch to run and gives the outcome.</summary>
    /// <param name="request">Checked by the caller; its memory stays the caller's and is free again when the task completes.</param>
    /// <param name="cancellationToken">Cancelled when the client goes away: a request that still waits leaves the queue.</param>
    ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Turns away a request of no priority whose body has not been read: its outcome would be this one whatever it holds. Null, and nothing
    /// is counted, when it may be accepted, or answered by other means.
    /// </summary>
    InferenceOutcome.QueueFull? TurnAwayUnread() => null;

    /// <summary>Takes no new work and completes when everything accepted has been answered.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
