using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Schema;

/// <summary>The schema of <c>status</c>; the operator alone writes it.</summary>
internal static class StatusSchema
{
    /// <summary>A condition as all of Kubernetes writes it.</summary>
    public static SchemaNode Condition { get; } = new SchemaNode.Object(
    [
        new("type", Text("Name of the condition."), Required: true),
        new("status", new SchemaNode.Choice(["True", "False", "Unknown"]) { Description = "Whether it holds." }, Required: true),
        new("reason", Text("One word for programs."), Required: true),
        new("message", Text("One sentence for people.") with { LengthMax = 32_768 }),
        new("lastTransitionTime", Time("When status last changed."), Required: true),
        new("observedGeneration", Count("Generation that this speaks of.")),
    ]) { Description = "One condition." };

    private static readonly SchemaNode Decision = new SchemaNode.Object(
    [
        new("at", Time("When it was made.")),
        new("rule", Text("Name of the rule that decided.")),
        new("reason", Text("Why, in one sentence.") with { LengthMax = 4096 }),
        new("replicas", Count("Replicas decided on.")),
        new("maxBatch", Count("Batch limit decided on, rows.")),
        new("variant", Text("Who answers what no share is declared for; full is the model itself.")),
        new("applied", new SchemaNode.Flag { Description = "False: only recommended." }),
    ]) { Description = "One decision." };

    private static readonly SchemaNode Fit = new SchemaNode.Object(
    [
        new("fixed", Text("Part of an execution's time that does not depend on its rows, duration.")),
        new("perRow", Text("Time per row, duration.")),
        new("residual", Text("Standard deviation from the line, duration.")),
        new("meanBatch", Text("Mean rows of the executions it rests on, decimal text.")),
        new("batchDeviation", Text("Standard deviation of their rows, decimal text.")),
        new("largestBatch", Count("Largest batch ever seen, rows.")),
        new("executions", new SchemaNode.Whole(0, long.MaxValue) { Description = "Executions it rests on." }),
        new("identified", new SchemaNode.Flag { Description = "False: batches were too alike to tell fixed from perRow." }),
    ]) { Description = "The fitted time of an execution: fixed + perRow · rows." };

    public static SchemaNode.Object Root { get; } = new(
    [
        new("observedGeneration", Count("Generation of the spec that this status speaks of.")),
        new("replicas", Count("Replicas wanted now.")),
        new("readyReplicas", Count("Replicas that answer requests.")),
        new("selector", Text("Label selector of the pods.")),
        new("policies", new SchemaNode.List(
            new SchemaNode.Object(
            [
                new("field", Text("Path of the field.")),
                new("declared", Text("As declared; absent: nothing was.")),
                new("effective", Text("What counts.")),
                new("policy", Text("Name of the InferencePolicy that it comes from.")),
            ]) { Description = "One field." },
            16) { Description = "Fields that count otherwise than they are declared, because a policy of the platform asks for it." }),
        new("conditions", new SchemaNode.List(Condition, 16) { Key = "type", Description = "Ready, SLOMet, SLOFeasible, MetricsAvailable, ModelAccepted, CapacityAvailable, ReplicasAsDeclared, ScalingAsDeclared, Reconciling, Stalled." }),
        new("batching", new SchemaNode.Object(
        [
            new("maxSize", Count("Most rows in one execution.")),
            new("maxDelay", Text("Longest wait for company, duration.")),
        ]) { Description = "Batch limits in force." }),
        new("observed", new SchemaNode.Object(
        [
            new("rate", Text("Requests per second over the last minute, decimal text.")),
            new("p50", Text("Median latency, duration.")),
            new("p99", Text("99th percentile of latency, duration.")),
            new("sloAttainment", Text("Percent of requests within the SLO, decimal text.")),
            new("at", Time("Time of the newest sample in it. Written anew when the figures have become others, and every ten minutes while there is traffic.")),
        ]) { Description = "What was last measured." }),
        new("model", Fit),
        new("serving", new SchemaNode.Object(
        [
            new("sha256", Text("SHA-256 of the model file that is served.")),
            new("quantization", new SchemaNode.Choice([.. Enum.GetNames<QuantizationLevel>()]) { Description = "Precision that is served." }),
            new("variant", Text("Variant that answers what no share is declared for; full is the model itself.")),
            new("burst", Text("Variant that answers in its place while replicas start; unset: none.")),
            new("reason", Text("Why this one.")),
        ]) { Description = "What answers requests." }),
        new("accelerator", new SchemaNode.Object(
        [
            new("provider", Text("Processor that runs the model: CPU, or ONNX Runtime's name of it, such as CUDA or TensorRT.")),
            new("onAccelerator", Text("Share of the model's time on an accelerator, percent, decimal text: the least that a replica's warm-up showed; unset: the replicas do not say.")),
            new("variants", new SchemaNode.List(
                new SchemaNode.Object(
                [
                    new("name", Text("Name of the variant; full is the model itself."), Required: true),
                    new("provider", Text("As of the model.")),
                    new("onAccelerator", Text("As of the model.")),
                ]) { Description = "One variant." },
                16)
            {
                Key = "name",
                Description = "The same of each variant that is resident; absent where the model has one form.",
            }),
        ]) { Description = "On what the model really runs, as the replicas say." }),
        new("variants", new SchemaNode.List(
            new SchemaNode.Object(
            [
                new("name", Text("Name of the variant."), Required: true),
                new("model", Fit, Required: true),
            ]) { Description = "One variant." },
            15)
        {
            Key = "name",
            Description = "What was measured of the variants that the operator may choose.",
        }),
        new("cost", new SchemaNode.Object(
        [
            new("perReplicaHour", Text("Price of one replica for an hour, decimal text, in the unit of the operator's prices.")),
            new("perHour", Text("Price of all replicas that are wanted for an hour, decimal text.")),
        ]) { Description = "What the replicas that are wanted cost." }),
        new("rollout", new SchemaNode.Object(
        [
            new("phase", new SchemaNode.Choice([.. Enum.GetNames<RolloutPhase>()]) { Description = "Canary: one replica of the new revision is compared. Proceeding: the new one takes over. Returning: the old one takes over again. Promoted: the new one serves. RolledBack: the old one serves, until the manifest asks for another." }),
            new("from", Text("Revision that served before."), Required: true),
            new("to", Text("Revision that is, or was, tried."), Required: true),
            new("since", Time("When it began, or ended.")),
            new("reason", Text("What it does, waits for, or why it ended.") with { LengthMax = 4096 }),
            new("evidence", new SchemaNode.List(
                new SchemaNode.Object(
                [
                    new("measure", new SchemaNode.Choice([.. Enum.GetNames<RolloutMeasure>()]) { Description = "Latency: requests not answered within the SLO's target. Errors: requests refused or failed. Agreement: rows of requests on which the new revision's answer differed from the old one's." }),
                    new("blocks", Count("Blocks of time in which both had requests.")),
                    new("oldRequests", new SchemaNode.Whole(0, long.MaxValue) { Description = "Requests to the old revision in them." }),
                    new("oldBad", new SchemaNode.Whole(0, long.MaxValue) { Description = "Those of them that were bad." }),
                    new("newRequests", new SchemaNode.Whole(0, long.MaxValue) { Description = "Requests to the new revision in them." }),
                    new("newBad", new SchemaNode.Whole(0, long.MaxValue) { Description = "Those of them that were bad." }),
                    new("worse", Text("Natural logarithm of the evidence that the new one is worse than the margin, decimal text; with beyond, 6 sends it back (6.4 with shadowing).")),
                    new("beyond", Text("Natural logarithm of the evidence that it is worse than is allowed, decimal text.")),
                ]) { Description = "One measure." },
                3) { Description = "What was compared." }),
        ]) { Description = "The roll-out that is going on, or how the last one ended." }),
        new("decisions", new SchemaNode.List(Decision, AgentStatus.DecisionsMax) { Description = "The latest changes, newest first." }),
        new("updatedAt", Time("When this status was last written.")),
    ]) { Description = "What the operator reports." };

    private static SchemaNode.Text Text(string description) => new() { Description = description };

    private static SchemaNode.Text Time(string description) => new() { ServerFormat = "date-time", Description = description };

    private static SchemaNode.Whole Count(string description) => new(0, long.MaxValue) { Description = description };
}
