using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Rollout;

/// <summary>The roll-outs of one agent: remembers where they stand, measures both sides, asks <see cref="RolloutPlanner"/>. One owner; not thread safe.</summary>
/// <param name="blockMin">Least time of one block of the comparison; it is never shorter than two scrapes.</param>
/// <param name="isOneMachine">True: all replicas share a machine.</param>
public sealed class RolloutControl(TimeSpan blockMin, bool isOneMachine)
{
    /// <summary>Long beside the time in which a queue of a healthy replica forgets a surge, so that blocks tell of different events.</summary>
    public static readonly TimeSpan BlockLength = TimeSpan.FromSeconds(10);

    private readonly ComparisonMeter _meter = new();
    private readonly ReplicaVariation _variation = new(isOneMachine);
    private RolloutState? _state;

    /// <summary>What is to run for each revision after a control step.</summary>
    /// <param name="input">What the step was given.</param>
    /// <param name="step">The step.</param>
    /// <param name="now">The time (UTC).</param>
    /// <returns>Null: the back end does not know yet what the manifest asks for, and nothing runs.</returns>
    public RolloutPlan? Step(ControlInput input, ControlStep step, DateTimeOffset now)
    {
        var workload = input.Workload;
        if (_state is null && workload.WantedRevision is null && workload.Revisions.IsEmpty)
        {
            return null;
        }

        _state ??= RolloutReport.Restore(input.Agent.Status?.Rollout, workload.Revisions, workload.WantedRevision ?? workload.Revisions[0], now);
        var rules = RolloutRules.Of(input.Agent.Spec, isOneMachine);
        var block = Measure(input, rules, now);
        var plan = RolloutPlanner.Plan(
            Standing(workload),
            new RolloutObservation
            {
                Wanted = workload.WantedRevision,
                Replicas = step.Replicas,
                Required = step.Measurement is Measurement.Idle ? 1 : step.Decision.RequiredReplicas,
                Running = workload.Replicas,
                Block = block,
                MetricsKnown = step.Measurement is not Measurement.Unknown,
                IsQuiet = step.Measurement is Measurement.Idle,
                OtherWriter = workload.OtherWriter,
                Reach = _variation.Reach(),
                Rules = rules,
            },
            now);
        _state = plan.State;
        return plan;
    }

    // When somebody took away what served, there is nothing to come back to.
    private RolloutState Standing(WorkloadObservation workload)
    {
        var state = _state!; // Set before.
        var served = state switch
        {
            RolloutState.Stable { Serving: var serving } => serving,
            RolloutState.Canary { Progress.From: var from } => from,
            RolloutState.Proceeding { Progress.From: var from } => from,
            RolloutState.Returning { Progress.From: var from } => from,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return workload.Revisions.Contains(served) || served == workload.WantedRevision
            ? state
            : new RolloutState.Stable(workload.Revisions.IsEmpty ? workload.WantedRevision ?? served : workload.Revisions[0]);
    }

    // Learns from the replicas that serve, also while nothing is tried: then it is known how they differ when something is.
    private RolloutBlock? Measure(ControlInput input, RolloutRules rules, DateTimeOffset now)
    {
        (RevisionName From, RevisionName? To) sides = _state switch
        {
            RolloutState.Canary { Progress: var p } => (p.From, p.To),
            RolloutState.Proceeding { Progress: var p } => (p.From, p.To),
            RolloutState.Returning { Progress: var p } => (p.From, null),
            RolloutState.Stable { Serving: var serving } => (serving, null),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        var length = blockMin > input.MetricInterval * 2 ? blockMin : input.MetricInterval * 2;
        if (_meter.Take(input.Samples, input.Workload.Replicas, sides.From, sides.To, length, now) is not { } block)
        {
            return null;
        }

        _variation.Take(block.Old, rules);
        return sides.To is null ? null : block.Sides;
    }
}
