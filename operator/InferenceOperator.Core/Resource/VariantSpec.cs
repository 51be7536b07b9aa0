using System.Globalization;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>Another model for the same task, resident in each replica beside the one of <see cref="AgentSpec.Model"/>.</summary>
public sealed record VariantSpec
{
    /// <summary>Differs from the other variants' and from <c>full</c>, the name of the model itself.</summary>
    public required string Name { get; init; }

    /// <summary>Its file; takes and gives what the model itself does.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>Percent of the requests that it answers, 0 to 100; null: none. Only with <see cref="VariantUse.Share"/>.</summary>
    public int? Share { get; init; }

    /// <summary>Who decides what it answers.</summary>
    public VariantUse Use { get; init; }

    /// <summary>Decimal text, 0 to 1, relative to the model itself, as its makers measured it; null: not declared.</summary>
    public string? Accuracy { get; init; }

    /// <summary><see cref="Accuracy"/> as a number; null: not declared.</summary>
    [JsonIgnore]
    public double? AccuracyShare => Accuracy is null ? null : double.Parse(Accuracy, CultureInfo.InvariantCulture);
}
