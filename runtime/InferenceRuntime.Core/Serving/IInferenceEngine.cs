using InferenceRuntime.Contract;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Serving;

/// <summary>A loaded model that answers requests. All members are thread safe.</summary>
public interface IInferenceEngine
{
    /// <summary>Names, types and shapes of the model that is served.</summary>
    ModelSignature Signature { get; }

    /// <summary>The settings in force.</summary>
    RuntimeSettings Settings { get; }

    /// <summary>The sums behind the metrics. The transport adds the phases of each answered request and reads snapshots.</summary>
    EngineStatistics Statistics { get; }

    /// <summary>Queues the request, waits for its batch to run and gives the outcome.</summary>
    /// <param name="request">Checked by the caller; its memory stays the caller's and is free again when the task completes.</param>
    /// <param name="cancellationToken">Cancelled when the client goes away: a request that still waits leaves the queue.</param>
    ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken);

    /// <summary>What this model does not allow of valid settings, naming the field; null when it allows all.</summary>
    string? Objection(RuntimeSettings settings) => null;

    /// <summary>Puts new settings in force for the next batch. They have been validated, and there is no <see cref="Objection"/>.</summary>
    void Apply(RuntimeSettings settings);

    /// <summary>Takes no new work and completes when everything accepted has been answered.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
