using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Policies;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Cluster.Admission;

/// <summary>Judges manifests by the rules by which the operator takes them. Changes nothing. Safe for several threads.</summary>
/// <remarks>
/// Only what an edit makes worse is refused: a fault that is stored already is no reason to refuse a change of labels, or a repair of one field of two. What is about to
/// be deleted, and versions that this release does not know, pass.
/// </remarks>
/// <param name="judge">What policies make of an agent.</param>
internal sealed class AdmissionReviewer(Func<InferenceAgent, PolicyJudgement> judge)
{
    public AdmissionVerdict Review(AdmissionRequest request)
    {
        if (request is not { Operation: "CREATE" or "UPDATE", Object: { } asked } || (asked["metadata"] as JsonObject)?["deletionTimestamp"] is not null)
        {
            return AdmissionVerdict.Allowed;
        }

        if (request.Version != ResourceNames.Version || request.Kind is not (ResourceNames.Kind or PolicyNames.Kind))
        {
            return AdmissionVerdict.Allowed with { Warnings = [$"{request.Kind} {request.Version} is not checked: this release of the operator knows {ResourceNames.Version} alone"] };
        }

        var (errors, effects) = Check(request.Kind, asked);
        var stored = request.OldObject is { } old && !errors.IsEmpty ? Check(request.Kind, old).Errors : [];
        var isSameSpec = request.OldObject is { } before && JsonNode.DeepEquals(before["spec"], asked["spec"]);
        var worse = isSameSpec ? [] : errors.Except(stored).ToImmutableArray();
        return new(
            worse,
            [
                .. errors.Except(worse).Select(static error => $"not taken by the operator, as stored already: {error}"),
                .. effects.Select(static effect => $"{effect.Field} counts as {effect.Effective}, declared {effect.Declared ?? "nothing"}: InferencePolicy {effect.Policy}"),
            ]);
    }

    private (ImmutableArray<FieldError> Errors, ImmutableArray<PolicyEffect> Effects) Check(string kind, JsonObject manifest)
    {
        var named = Named(manifest);
        if (kind == PolicyNames.Kind)
        {
            return (PolicyManifest.Read(named) is PolicyReading.Rejected { Errors: var faults } ? faults : [], []);
        }

        return EffectiveManifest.Read(named, judge) switch
        {
            ManifestReading.Rejected { Errors: var errors } => (errors, []),
            ManifestReading.Accepted { Agent: var agent } => ([], agent.Policies),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>The name of what is created by generateName is not decided before it is stored.</summary>
    private static JsonObject Named(JsonObject manifest)
    {
        if (manifest["metadata"] is not JsonObject metadata || metadata["name"] is not null || metadata["generateName"] is not JsonValue)
        {
            return manifest;
        }

        var named = (JsonObject)manifest.DeepClone();
        var copy = named["metadata"]!; // It was there.
        copy["name"] = $"{copy["generateName"]}x";
        return named;
    }
}
