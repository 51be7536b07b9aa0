using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>Brings the times in a status from one clock onto another.</summary>
public static class StatusTimes
{
    /// <param name="status">The status.</param>
    /// <param name="by">How far the other clock is ahead; may be negative.</param>
    /// <returns>The same status, all of whose times are as much later.</returns>
    public static AgentStatus Move(AgentStatus status, TimeSpan by) => status with
    {
        UpdatedAt = status.UpdatedAt + by,
        Conditions = [.. status.Conditions.Select(c => c with { LastTransitionTime = c.LastTransitionTime + by })],
        Observed = status.Observed is { } observed ? observed with { At = observed.At + by } : null,
        Rollout = status.Rollout is { } rollout ? rollout with { Since = rollout.Since + by } : null,
        Decisions = [.. status.Decisions.Select(d => d with { At = d.At + by })],
    };
}
