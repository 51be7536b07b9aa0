using InferenceOperator.Core.Resource;

namespace InferenceOperator.Overview;

/// <summary>Something about an agent that is not as it should be.</summary>
/// <param name="What">Type of the condition.</param>
/// <param name="State">What it is.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">One sentence; may be empty.</param>
/// <param name="At">Since when (UTC); null: not known.</param>
internal sealed record Concern(string What, string State, string Reason, string Message, DateTimeOffset? At)
{
    public static Concern Of(StatusCondition condition) => new(condition.Type, condition.Status.ToString(), condition.Reason, condition.Message, Since(condition));

    /// <summary>When the condition became so; null: nobody has seen it become so (the definition's own default says 1970).</summary>
    public static DateTimeOffset? Since(StatusCondition condition) => condition.LastTransitionTime > DateTimeOffset.UnixEpoch ? condition.LastTransitionTime : null;
}
