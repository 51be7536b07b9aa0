namespace InferenceRuntime.Contract;

/// <summary>The latency objective whose attainment a replica counts exactly, where the latency is measured.</summary>
public sealed record SloSettings
{
    /// <summary>Threshold on the latency at the server, milliseconds, above 0, at most 600,000.</summary>
    public double TargetMs { get; set; }

    internal IEnumerable<string> Validate()
    {
        if (TargetMs is not (> 0 and <= 600_000))
        {
            yield return $"slo.targetMs: {TargetMs} is not above 0 and at most 600000";
        }
    }
}
