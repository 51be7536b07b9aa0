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

    /// <summary>By input: the lengths it is padded to, at most 64 inputs; null to run every length by itself.</summary>
    public IReadOnlyDictionary<string, PaddingSettings>? Padding { get; set; }

    /// <summary>
    /// By variant: its share of the requests, 0 or more, relative to the sum; at most 16 variants, those left out get none. Null: the
    /// full model answers everything.
    /// </summary>
    public IReadOnlyDictionary<string, double>? Serving { get; set; }

    /// <summary>Who else gets requests, to be compared with; null: nobody.</summary>
    public ShadowSettings? Shadow { get; set; }

    /// <summary>Every broken rule, each naming its field as it stands in the JSON document; empty when the settings are good.</summary>
    public IReadOnlyList<string> Validate() =>
    [
        .. Batching.Validate(),
        .. Queue.Validate(),
        .. Cache.Validate(),
        .. Slo?.Validate() ?? [],
        .. Shadow?.Validate() ?? [],
        .. ValidatePadding(),
        .. Serving is null ? [] : ServingShares.Validate(Serving),
    ];

    /// <summary>Equal in every field, the dictionaries in their members.</summary>
    public bool Equals(RuntimeSettings? other) =>
        other is not null && Batching == other.Batching && Queue == other.Queue && Slo == other.Slo && Cache == other.Cache && Shadow == other.Shadow
        && Same(Padding, other.Padding) && Same(Serving, other.Serving);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Batching, Queue, Slo, Cache, Padding?.Count, Serving?.Count, Shadow);

    private static bool Same<T>(IReadOnlyDictionary<string, T>? left, IReadOnlyDictionary<string, T>? right) =>
        left is null || right is null
            ? left == right
            : left.Count == right.Count
                && left.All(pair => right.TryGetValue(pair.Key, out var value) && EqualityComparer<T>.Default.Equals(pair.Value, value));

    private IEnumerable<string> ValidatePadding()
    {
        if (Padding?.Count > PaddingSettings.InputsMax)
        {
            return [$"padding: {Padding.Count} inputs, at most {PaddingSettings.InputsMax}"];
        }

        return Padding?.SelectMany(pair => pair.Value.Validate($"padding.{pair.Key}")) ?? [];
    }
}
