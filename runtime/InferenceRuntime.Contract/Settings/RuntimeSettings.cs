namespace InferenceRuntime.Contract;

/// <summary>
/// What may change while a replica runs: the body of <c>GET</c> and <c>PUT /v1/settings</c> on the admin port, and the
/// document that a replica reads at start (<c>--settings FILE</c>, from the ConfigMap), so that it comes back with it.
/// </summary>
/// <remarks>
/// Properties have setters because the generated JSON code gives <c>init</c> properties that a document leaves out the
/// default of their type instead of the one declared here. Nobody changes settings once they are made.
/// </remarks>
public sealed record RuntimeSettings
{
    /// <summary>How requests wait for each other.</summary>
    public BatchingSettings Batching { get; set; } = new();

    /// <summary>How much may wait.</summary>
    public QueueSettings Queue { get; set; } = new();

    /// <summary>The latency that attainment is counted against; null when none is declared.</summary>
    public SloSettings? Slo { get; set; }

    /// <summary>What is kept of the responses.</summary>
    public CacheSettings Cache { get; set; } = new();

    /// <summary>Every broken rule, each naming its field as it stands in the JSON document; empty when the settings are good.</summary>
    public IReadOnlyList<string> Validate() => [.. Batching.Validate(), .. Queue.Validate(), .. Cache.Validate(), .. Slo?.Validate() ?? []];
}
