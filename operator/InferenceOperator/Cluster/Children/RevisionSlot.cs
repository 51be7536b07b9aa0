using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Cluster.Children;

/// <summary>A Deployment that stands for one revision of an agent.</summary>
/// <param name="Side">What tells it from the agent's others, as a label on its pods and a suffix to its name; null: the first, which needs neither.</param>
/// <param name="Revision">What its pods are made from.</param>
/// <param name="Replicas">Replicas that it is to run.</param>
internal sealed record RevisionSlot(string? Side, RevisionSpec Revision, int Replicas)
{
    /// <summary>Annotation on a Deployment with the revision's name.</summary>
    public const string NameAnnotation = "inferenceoperator.io/revision";

    /// <summary>Annotation on a Deployment with what its pods are made from.</summary>
    public const string SpecAnnotation = "inferenceoperator.io/revision-spec";

    /// <summary>Label on pods: which of the agent's Deployments they are of. Those of the first have none.</summary>
    public const string SideLabel = "inferenceoperator.io/side";

    /// <summary>The revision that a live Deployment stands for; null: it does not say.</summary>
    public static RevisionSpec? Read(JsonObject deployment) =>
        RevisionSpec.TryParse(((deployment["metadata"] as JsonObject)?["annotations"] as JsonObject)?[SpecAnnotation]?.ToString());

    /// <summary>The side that a live Deployment selects; null: the first.</summary>
    public static string? SideOf(JsonObject deployment) =>
        (((deployment["spec"] as JsonObject)?["selector"] as JsonObject)?["matchLabels"] as JsonObject)?[SideLabel]?.ToString();

    /// <summary>The side that a pod is of; null: the first.</summary>
    public static string? SideOf(PodState pod) => pod.Metadata.Labels?.GetValueOrDefault(SideLabel);

    /// <summary>Which Deployment stands for which revision.</summary>
    /// <param name="sides">What is to run.</param>
    /// <param name="live">The Deployments that there are, with the revision that they stand for.</param>
    /// <param name="revisions">What is known of the revisions, by name.</param>
    /// <returns>A slot for each side that is known. The only side takes over a Deployment that is there, whose pods are then exchanged in place.</returns>
    public static ImmutableArray<RevisionSlot> Assign(RolloutSides sides, ImmutableArray<(string? Side, RevisionName Revision)> live, IReadOnlyDictionary<RevisionName, RevisionSpec> revisions)
    {
        var slots = ImmutableArray.CreateBuilder<RevisionSlot>();
        foreach (var side in sides.All.Where(side => revisions.ContainsKey(side.Revision)))
        {
            var owned = live.Where(l => l.Revision == side.Revision).Take(1).ToList();
            var name = owned.Count > 0 ? owned[0].Side
                : live.IsEmpty ? null
                : sides.All.Length == 1 ? live[0].Side
                : Free(side.Revision, live.Select(static l => l.Side).ToList());
            slots.Add(new(name, revisions[side.Revision], side.Replicas));
        }

        return slots.ToImmutable();
    }

    // A Deployment may by now stand for another revision than the one that it was named after.
    private static string Free(RevisionName revision, IReadOnlyCollection<string?> taken) =>
        taken.Contains(revision.Text) ? revision.Text + "-2" : revision.Text;
}
