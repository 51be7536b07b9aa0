using System.Globalization;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>How another model, level or template reaches the replicas.</summary>
public sealed record RolloutSpec
{
    public RolloutStrategy Strategy { get; init; }

    /// <summary>How many times as often as the old revision's requests the new one's may be bad, decimal text from 1 to 10.</summary>
    public string Margin { get; init; } = "1.5";

    /// <inheritdoc cref="Margin"/>
    [JsonIgnore]
    public double MarginFactor => double.Parse(Margin, CultureInfo.InvariantCulture);

    /// <summary>Longest time that a new replica takes to become ready.</summary>
    public Duration ReadyWithin { get; init; } = Duration.Parse("15m");

    /// <summary>Longest comparison.</summary>
    public Duration MaxDuration { get; init; } = Duration.Parse("1h");

    public InconclusiveRollout WhenInconclusive { get; init; }

    /// <summary>Whether answers are compared; null: they are not.</summary>
    public ShadowSpec? Shadow { get; init; }

    /// <summary>How long nobody asks for anything before a ready revision takes over without a comparison; 0: never. Null: 10 min in a cluster, 10 s on one machine.</summary>
    public Duration? ProceedAfterQuiet { get; init; }
}
