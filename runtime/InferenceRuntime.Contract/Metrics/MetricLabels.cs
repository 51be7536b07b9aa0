namespace InferenceRuntime.Contract;

/// <summary>Label names on a replica's series.</summary>
public static class MetricLabels
{
    /// <summary>Name of the InferenceAgent.</summary>
    public const string Agent = "agent";

    /// <summary>Namespace of the InferenceAgent; not <c>namespace</c>, which scrape configurations overwrite.</summary>
    public const string AgentNamespace = "agent_namespace";

    /// <summary>Name of the replica: the pod's name, or the local replica's.</summary>
    public const string Replica = "replica";

    /// <summary>Name the model is served under.</summary>
    public const string Model = "model";

    /// <summary>One of <see cref="RequestOutcomes"/>.</summary>
    public const string Outcome = "outcome";

    /// <summary>One of <see cref="RequestPhases"/>.</summary>
    public const string Phase = "phase";

    /// <summary>The SLO's threshold in seconds, shortest round-trip decimal form.</summary>
    public const string SloSeconds = "slo_seconds";

    /// <summary>One of <see cref="AnnouncedStages"/>.</summary>
    public const string Stage = "stage";

    /// <summary>Why spans were dropped: <c>queue_full</c> or <c>undelivered</c>.</summary>
    public const string Reason = "reason";

    /// <summary>One of <see cref="ProviderNames"/>.</summary>
    public const string Provider = "provider";

    /// <summary>One of <see cref="ShadowResults"/>.</summary>
    public const string Result = "result";

    /// <summary>Name of a variant of the model: <c>full</c>, or as given by <c>--variant</c>.</summary>
    public const string Variant = "variant";
}
