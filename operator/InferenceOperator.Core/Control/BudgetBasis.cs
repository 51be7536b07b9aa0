using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Control;

/// <summary>What a decision rests on of the error budget. Immutable.</summary>
/// <param name="Slo">Requests of the last <see cref="Window"/>.</param>
/// <param name="SteadySince">Since when every replica that is wanted is there, or counts as lost, and works off no backlog (UTC); null: some are on their way, or rows that waited are.</param>
/// <param name="RaisedAt">When replicas were last added because the budget burned (UTC); null: never.</param>
public sealed record BudgetBasis(SloSums Slo, DateTimeOffset? SteadySince, DateTimeOffset? RaisedAt)
{
    /// <summary>The time over which requests are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
}
