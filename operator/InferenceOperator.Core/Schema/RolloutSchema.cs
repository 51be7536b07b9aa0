using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>The schema of <c>spec.rollout</c>.</summary>
internal static class RolloutSchema
{
    public static SchemaNode Root { get; } = new SchemaNode.Object(
    [
        new("strategy", new SchemaNode.Choice([.. Enum.GetNames<RolloutStrategy>()])
        {
            Default = "\"Gated\"",
            Description = "Gated: one replica first, compared with the old ones by latency (with slo) and errors; then the others, or back by itself. Immediate: replica after replica, without a comparison; so it is too while another autoscaler writes the replicas, or no old replica is ready.",
        }),
        new("margin", new SchemaNode.Text
        {
            Format = TextFormat.Decimal,
            Default = "\"1.5\"",
            Pattern = @"^([1-9](\.[0-9]{1,3})?|10)$",
            LengthMax = 5,
            Description = "How many times as often as the old revision's requests the new one's may miss the SLO's target, or fail, decimal text from 1 to 10. Beyond it, and beyond what the SLO (for errors: 0.1 %) allows, the new revision is sent back; in one roll-out of a hundred at most wrongly so.",
        }),
        new("readyWithin", SpecSchema.DurationText("Longest time until a replica of the new revision is ready; then it is sent back. At least 10s, at most 24h.") with
        {
            Default = "\"15m\"",
            Rules =
            [
                new("duration(self) >= duration('10s') && duration(self) <= duration('24h')", "", "must be at least 10s and at most 24h",
                    node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: >= 10_000_000_000 and <= 86_400_000_000_000 }),
            ],
        }),
        new("maxDuration", SpecSchema.DurationText("Longest comparison, from the first replica that is ready. At least 1m, at most 168h.") with
        {
            Default = "\"1h\"",
            Rules =
            [
                new("duration(self) >= duration('1m') && duration(self) <= duration('168h')", "", "must be at least 1m and at most 168h",
                    node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: >= 60_000_000_000 and <= 604_800_000_000_000 }),
            ],
        }),
        new("whenInconclusive", new SchemaNode.Choice([.. Enum.GetNames<InconclusiveRollout>()])
        {
            Default = "\"Wait\"",
            Description = "What is done when that time is over and there was too little traffic to compare. Wait: both revisions go on serving, and Stalled says so. Proceed: the new one takes over. GoBack: the old one stays. Without measurements it always waits.",
        }),
        new("proceedAfterQuiet", SpecSchema.DurationText("How long nobody asks for anything, which has to be proven, before a new revision that is ready takes over without a comparison. At most 168h; 0s: never. Unset: 10m in a cluster, 10s on one machine.") with
        {
            Rules =
            [
                new("duration(self) >= duration('0s') && duration(self) <= duration('168h')", "", "must be at least 0s and at most 168h",
                    node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: >= 0 and <= 604_800_000_000_000 }),
            ],
        }),
        new("shadow", new SchemaNode.Object(
        [
            new("percent", new SchemaNode.Whole(1, 100) { Default = "10", Description = "Requests that the new replica gets besides its own, in percent of what one old replica answers. They have the lowest priority there; what finds no room is dropped." }),
            new("minAgreement", new SchemaNode.Text
            {
                Format = TextFormat.Decimal,
                Default = "\"0.98\"",
                Pattern = @"^0\.[0-9]{1,4}$",
                LengthMax = 6,
                Description = "Share of the rows of such requests on which both have to agree, decimal text below 1: integers and text equal, floating-point values within the tolerance of their type, or as a direction with the same largest element. Below it the new revision is sent back.",
            }),
        ]) { Description = "Shadowing: some requests that old replicas answer are sent to the new one as well, off the path of the answer, and the answers are compared. Unset: none." }),
    ]) { Default = "{}", Description = "How another model, level or template reaches the replicas. What needs no other pods (slo, scaling, batching, cache, shares) changes without a roll-out." };
}
