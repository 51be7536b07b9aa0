using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Observation;

/// <summary>What is known of an agent's traffic: measured, proven idle, or unknown. Unknown is never read as zero.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Measured), "measured")]
[JsonDerivedType(typeof(Idle), "idle")]
[JsonDerivedType(typeof(Unknown), "unknown")]
public abstract record Measurement
{
    private Measurement()
    {
    }

    /// <summary>Time of the oldest among the ready replicas' newest samples; null when there is none.</summary>
    public DateTimeOffset? SampledAt { get; init; }

    /// <summary>Who gave the newest sample; null when there is none.</summary>
    public MetricSource? Source { get; init; }

    /// <summary>Age of the measurement; null when there never was a sample.</summary>
    public TimeSpan? AgeAt(DateTimeOffset now) => now - SampledAt;

    /// <summary>Every ready replica is fresh and there is traffic.</summary>
    public sealed record Measured(TrafficWindow Traffic) : Measurement;

    /// <summary>Proven: every ready replica is fresh, none had an arrival over the window, all queues are empty.</summary>
    public sealed record Idle(TimeSpan Window) : Measurement;

    /// <summary>Anything else.</summary>
    /// <param name="Reason">For programs.</param>
    /// <param name="Detail">For people, naming replicas.</param>
    public sealed record Unknown(UnknownReason Reason, string Detail) : Measurement;
}
