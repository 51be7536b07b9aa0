using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Policy;

/// <summary>The schema of an InferencePolicy.</summary>
internal static class PolicySchema
{
    private static readonly SchemaNode.Text Percentile = new()
    {
        Format = TextFormat.Decimal,
        Pattern = @"^[5-9][0-9](\.[0-9]{1,4})?$",
        LengthMax = 7,
        Description = "A lower percentile counts as this one; decimal text, at least 50 and below 100. Unset: any.",
    };

    private static readonly SchemaNode Spec = new SchemaNode.Object(
    [
        new("precedence", new SchemaNode.Whole(-1000, 1000) { Default = "0", Description = "Among the defaults of several policies for one field that of the highest precedence holds, then that of the first name. Bounds hold together: the strictest counts, whatever its precedence." }),
        new("namespaces", Selector("Selects the agents in namespaces with these labels. Unset: of all namespaces.")),
        new("agents", Selector("Selects agents by their own labels. Unset: all.")),
        new("defaults", new SchemaNode.Object(
        [
            new("slo", SpecSchema.SloNode with { Description = "The SLO of agents that declare none." }),
        ]) { Description = "What agents get that declare none." }),
        new("slo", new SchemaNode.Object(
        [
            new("required", new SchemaNode.Flag { Default = "false", Description = "True: an agent that declares no SLO, and gets none by default, is refused." }),
            new("targetAtMost", SpecSchema.DurationText("A longer latency target counts as this one. Above 0, at most 10m. Unset: any.") with
            {
                Rules =
                [
                    new("duration(self) > duration('0s') && duration(self) <= duration('10m')", "", "must be above 0 and at most 10m",
                        static node => Duration.Parse(node.GetValue<string>()) is { Nanoseconds: > 0 and <= 600_000_000_000 }),
                ],
            }),
            new("percentileAtLeast", Percentile),
        ]) { Description = "The SLO that has to be declared." }),
        new("ceilings", new SchemaNode.Object(
        [
            new("replicas", new SchemaNode.Whole(1, 1000) { Description = "Most replicas of an agent. Unset: any number." }),
            new("gpus", new SchemaNode.Whole(0, 100_000) { Description = "Most GPUs of all replicas of an agent together. Unset: any number." }),
            new("costPerHour", new SchemaNode.Text
            {
                Format = TextFormat.Decimal,
                Pattern = @"^[0-9]{1,9}(\.[0-9]{1,4})?$",
                LengthMax = 14,
                Description = "Most that all replicas of an agent together cost for an hour, in the unit of the operator's --gpu-price, decimal text. Unset: anything.",
            }),
        ]) { Description = "The most that one agent may take: a larger scaling.maxReplicas, or scaling.replicas, counts as what the lowest of these allows. What all agents of a namespace take together is bounded by a ResourceQuota." }),
        new("allowed", new SchemaNode.Object(
        [
            new("gpuResources", new SchemaNode.List(new SchemaNode.Text { LengthMax = 253, Description = "Kubernetes' name of a device." }, 64) { Description = "Devices that replicas may ask for, such as nvidia.com/gpu. Unset: any. Replicas on the CPU ask for none." }),
            new("modelSources", new SchemaNode.List(new SchemaNode.Text { LengthMax = 1024, Description = "Beginning of an address." }, 64) { Description = "Beginnings of the addresses that models and variants may come from, such as pvc:// or https://models.example.com/. Unset: any." }),
        ]) { Description = "What agents may name; one that names anything else is refused." }),
        new("minAccuracy", SpecSchema.Accuracy("A lower quantization.minAccuracy, or none, counts as this one; decimal text from 0 to 1. Unset: any.")),
        new("priority", new SchemaNode.Object(
        [
            new("atLeast", new SchemaNode.Whole(-1000, 1000) { Description = "A lower slo.priority counts as this one. Unset: any." }),
            new("atMost", new SchemaNode.Whole(-1000, 1000) { Description = "A higher slo.priority counts as this one. Unset: any." }),
        ])
        {
            Description = "Bounds of slo.priority.",
            Rules =
            [
                new("!has(self.atLeast) || !has(self.atMost) || self.atLeast <= self.atMost", "atLeast", "must not be above atMost",
                    static node => node["atLeast"] is not { } low || node["atMost"] is not { } high || (long)low <= (long)high),
            ],
        }),
    ]) { Description = "Whom the policy selects, and what it asks of them." };

    private static readonly SchemaNode Status = new SchemaNode.Object(
    [
        new("observedGeneration", Count("Generation of the spec that this status speaks of.")),
        new("conditions", new SchemaNode.List(StatusSchema.Condition, 4) { Key = "type", Description = "Ready: the policy is in force. False: it is not accepted, and nothing of it is." }),
    ]) { Description = "Whether the policy is in force; written by the operator." };

    public static SchemaNode.Object Root { get; } = new(
    [
        new("apiVersion", new SchemaNode.Text { Description = "Always inferenceoperator.io/v1alpha1." }),
        new("kind", new SchemaNode.Text { Description = "Always InferencePolicy." }),
        new("metadata", new SchemaNode.Object([]) { PreservesUnknown = true }),
        new("spec", Spec, Required: true),
        new("status", Status),
    ])
    {
        Description = "What a platform team asks of InferenceAgents: defaults, the SLO that has to be declared, ceilings, allowed devices and model sources. It changes what the operator plans for, never what is declared, and takes nothing away that runs.",
    };

    private static SchemaNode.Whole Count(string description) => new(0, long.MaxValue) { Description = description };

    private static SchemaNode.Object Selector(string description) => new(
    [
        new("matchLabels", new SchemaNode.Map(new SchemaNode.Text { LengthMax = 63, Description = "Value of the label." }, 32) { Description = "Labels that have to be there with these values." }),
        new("matchExpressions", new SchemaNode.List(
            new SchemaNode.Object(
            [
                new("key", new SchemaNode.Text { LengthMax = 317, Description = "Name of the label." }, Required: true),
                new("operator", new SchemaNode.Choice([.. Enum.GetNames<LabelOperator>()]) { Description = "How it is compared." }, Required: true),
                new("values", new SchemaNode.List(new SchemaNode.Text { LengthMax = 63, Description = "A value." }, 64) { Description = "At least one for In and NotIn, none for Exists and DoesNotExist." }),
            ])
            {
                Description = "A requirement on one label.",
                Rules =
                [
                    new("self.operator in ['In', 'NotIn'] ? has(self.values) && self.values.size() > 0 : !has(self.values) || self.values.size() == 0", "values", "In and NotIn need values, Exists and DoesNotExist take none",
                        static node => (node["operator"]!.GetValue<string>() is nameof(LabelOperator.In) or nameof(LabelOperator.NotIn)) == ((node["values"] as JsonArray)?.Count > 0)), // The operator is required.
                ],
            },
            32) { Description = "Further requirements; all have to hold." }),
    ]) { Description = description };
}
