using InferenceOperator.Core.Control;

namespace InferenceOperator.Decisions.Explain;

/// <summary>What rules mean, for people.</summary>
internal static class RuleText
{
    public static string Meaning(DecisionRule rule) => rule switch
    {
        DecisionRule.Hold => "all is as it should be",
        DecisionRule.Start => "the first decision after the operator started: go on from what runs, or from what the manifest asks for",
        DecisionRule.HoldUnknown => "traffic is not known, so that what runs stays",
        DecisionRule.Batch => "the batch limit moves, replicas stay; running replicas take it over within a second",
        DecisionRule.Variant => "another variant answers, replicas stay; running replicas divide requests anew within a second",
        DecisionRule.ScaleUp => "more replicas are needed, and are asked for at once",
        DecisionRule.BurnRate => "by the model there are enough replicas, but requests miss the SLO by far: some more, a few at a time, at most twice what the model asks for",
        DecisionRule.ScaleDown => "fewer have been enough for the whole scale-down window, and will be by the model",
        DecisionRule.HoldDown => "fewer would be enough, but a guard rail holds them",
        DecisionRule.Asleep => "minReplicas is 0, no replica runs, and no request waits for one",
        DecisionRule.Wake => "no replica runs and a request waits: one is started at once",
        DecisionRule.External => "somebody else sets the replicas (scaling.replicas); the batch limit is still looked after",
        DecisionRule.Bounds => "what ran was outside of what the manifest allows",
        DecisionRule.Scarcity => "more replicas are wanted than there are GPUs for; they are divided among the agents",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
