using System.Text.Json.Serialization;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Core.Control;

/// <summary>Everything that one decision rests on: what was declared, what was seen, and what the controller remembers. Immutable.</summary>
/// <remarks>
/// <see cref="DecisionRules"/> makes the decision from this alone, so that what a rule newly looks at has to be added here, and a
/// record that was written can be decided again.
/// </remarks>
public sealed record DecisionBasis
{
    /// <summary>When it is decided (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public required string Agent { get; init; }

    /// <summary>Of the spec that the following fields are taken from.</summary>
    public long Generation { get; init; }

    /// <summary>Null: no objective.</summary>
    public SloSpec? Slo { get; init; }

    public required ScalingSpec Scaling { get; init; }

    /// <summary>Lengths that inputs are padded to are left out: no decision rests on them.</summary>
    public required BatchingSpec Batching { get; init; }

    /// <summary>True: the first decision of this controller.</summary>
    public bool IsFirst { get; init; }

    /// <summary>What was in force until now.</summary>
    public required Target Current { get; init; }

    public int Ready { get; init; }

    /// <summary>Replicas on their way and young enough to count as supply.</summary>
    public int Pending { get; init; }

    /// <summary>Replicas on their way for more than twice <see cref="StartUp"/>, or ended.</summary>
    public int Overdue { get; init; }

    /// <summary>Replicas without a place.</summary>
    public int Unschedulable { get; init; }

    /// <summary>Usual time from wanted to ready.</summary>
    public TimeSpan StartUp { get; init; }

    public required Measurement Measurement { get; init; }

    /// <summary>Why the metric source gave nothing, for people; null: it did not fail.</summary>
    public string? MetricFailure { get; init; }

    /// <summary>For how long traffic has been known without a gap.</summary>
    public TimeSpan KnownFor { get; init; }

    /// <summary>For how long every step has found it proven idle; zero: this one does not.</summary>
    public TimeSpan IdleFor { get; init; }

    /// <summary>What lets requests wait in front of the replicas; null: nothing does.</summary>
    public HoldingEndpoint? Endpoint { get; init; }

    /// <summary>Who else writes the number of replicas; null: nobody that is known.</summary>
    public string? OtherWriter { get; init; }

    /// <summary>Steps in a row, this one included, in which the measurements contradict themselves.</summary>
    public int DisagreedSteps { get; init; }

    /// <summary>s(b); null: nothing is known of it.</summary>
    public ServiceTime? Service { get; init; }

    /// <summary>The same for people and for status.</summary>
    public FitStatus? Fit { get; init; }

    /// <summary>Largest batch ever seen, rows; 0: none.</summary>
    public int LargestBatch { get; init; }

    /// <summary>What the capacities in use were found with.</summary>
    public required CapacityAnchors Capacities { get; init; }

    public required CapacityTrim Trim { get; init; }

    /// <summary>True: the last verdict was that the SLO cannot be held.</summary>
    public bool WasInfeasible { get; init; }

    /// <summary>Variants that may be chosen; null: none.</summary>
    public VariantsBasis? Variants { get; init; }

    /// <summary>Price of one replica for an hour; null: nobody said.</summary>
    public double? ReplicaPrice { get; init; }

    /// <summary>Null when traffic is not measured.</summary>
    public ForecastBasis? Forecast { get; init; }

    /// <summary>The most that was planned for in the scale-down window before this step, rows per second.</summary>
    public double MostDemand { get; init; }

    /// <summary>Steps in a row that replicas have waited for the batch limit.</summary>
    public int BatchFirstSteps { get; init; }

    /// <summary>When the batch limit was last lowered (UTC); null: never.</summary>
    public DateTimeOffset? LoweredBatchAt { get; init; }

    /// <summary>When replicas were last taken away (UTC); null: never.</summary>
    public DateTimeOffset? WentDownAt { get; init; }

    /// <summary>How the error budget is used; null: there is none.</summary>
    public BudgetBasis? Budget { get; init; }

    /// <summary>Fewer replicas than the plan without this comes to; null: there are enough GPUs.</summary>
    public Shortage? Cut { get; init; }

    /// <summary>When replicas, batch limits or who answers last changed, or the controller began (UTC).</summary>
    public DateTimeOffset MovedAt { get; init; }

    /// <summary>Fewest replicas that can be chosen: at least 1 where requests would find nobody, or nobody who starts a replica for them.</summary>
    [JsonIgnore]
    public int LeastReplicas => Scaling.MayScaleToZero && Endpoint is not null ? 0 : Math.Max(1, Scaling.MinReplicas);
}
