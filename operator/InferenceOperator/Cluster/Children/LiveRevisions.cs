using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Cluster.Children;

/// <summary>The revisions that an agent's Deployments stand for, and the one that its manifest asks for.</summary>
/// <remarks>A Deployment that does not say what it stands for is taken as the wanted one: it is brought to that in place.</remarks>
internal sealed class LiveRevisions
{
    private readonly ImmutableDictionary<string, RevisionName> _bySide;

    private LiveRevisions(RevisionSpec? wanted, ImmutableDictionary<RevisionName, RevisionSpec> known, ImmutableDictionary<string, RevisionName> bySide) =>
        (Wanted, Known, _bySide) = (wanted, known, bySide);

    /// <summary>Null: the manifest asks for what no pod can have.</summary>
    public RevisionSpec? Wanted { get; }

    /// <summary>All of them, by name.</summary>
    public ImmutableDictionary<RevisionName, RevisionSpec> Known { get; }

    /// <param name="wanted">What the manifest asks for; null: what no pod can have.</param>
    /// <param name="deployments">The agent's Deployments.</param>
    public static LiveRevisions Of(RevisionSpec? wanted, IEnumerable<JsonObject> deployments)
    {
        var (known, bySide) = (ImmutableDictionary.CreateBuilder<RevisionName, RevisionSpec>(), ImmutableDictionary.CreateBuilder<string, RevisionName>(StringComparer.Ordinal));
        foreach (var deployment in deployments)
        {
            if ((RevisionSlot.Read(deployment) ?? wanted) is { } revision)
            {
                known[revision.Name] = revision;
                bySide[RevisionSlot.SideOf(deployment) ?? ""] = revision.Name;
            }
        }

        if (wanted is not null)
        {
            known[wanted.Name] = wanted;
        }

        return new(wanted, known.ToImmutable(), bySide.ToImmutable());
    }

    /// <summary>What a live Deployment stands for; null: not known.</summary>
    public RevisionName? Of(JsonObject deployment) => Find(RevisionSlot.SideOf(deployment));

    /// <summary>What a pod is of; null: its Deployment is gone.</summary>
    public RevisionName? Of(PodState pod) => Find(RevisionSlot.SideOf(pod));

    /// <summary>By revision but the wanted one, the manifest with what its pods were made from.</summary>
    public ImmutableDictionary<RevisionName, AgentSpec> Declared(AgentSpec current) =>
        Known.Where(pair => pair.Key != Wanted?.Name).ToImmutableDictionary(static pair => pair.Key, pair => pair.Value.On(current));

    private RevisionName? Find(string? side) => _bySide.TryGetValue(side ?? "", out var name) ? name : null;
}
