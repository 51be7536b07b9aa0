using System.Globalization;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Policy;

/// <summary>The most that one agent may take; a larger <c>maxReplicas</c> counts as what the lowest of them allows.</summary>
public sealed record PolicyCeilings
{
    /// <summary>Replicas, at least 1; null: any number.</summary>
    public int? Replicas { get; init; }

    /// <summary>GPUs of all replicas together, at least 0; null: any number.</summary>
    public int? Gpus { get; init; }

    /// <summary>What all replicas together may cost for an hour, decimal text in the unit of the operator's prices; null: anything.</summary>
    public string? CostPerHour { get; init; }

    /// <summary><see cref="CostPerHour"/> as a number; null: anything.</summary>
    [JsonIgnore]
    public double? HourlyCost => CostPerHour is null ? null : double.Parse(CostPerHour, CultureInfo.InvariantCulture);
}
