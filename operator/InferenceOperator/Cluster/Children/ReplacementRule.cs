using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Cluster.Children;

/// <summary>Chooses how pods are replaced, so that a full cluster never holds a change up for good. Pure.</summary>
/// <remarks>
/// One more replica for the time of the change, if there is a GPU for it when the change begins; else the old one makes room. A
/// choice stands while nothing is replaced, so that GPUs that come and go cause no writes, and within a change it only goes from
/// surge to in place: when the replica that came in addition finds no place.
/// </remarks>
internal static class ReplacementRule
{
    /// <summary>How long an additional replica may look for a place.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The same where nodes are added for pods that wait.</summary>
    public static readonly TimeSpan PatienceForNodes = TimeSpan.FromMinutes(10);

    /// <param name="deployment">The live Deployment; null: there is none.</param>
    /// <param name="begins">Whether what is to be applied replaces pods.</param>
    /// <param name="gpus">GPUs of a replica.</param>
    /// <param name="pools">The GPUs that there are, with all that is held counted as used; empty: they bound nobody, or are not known.</param>
    /// <param name="replicas">The agent's replicas.</param>
    /// <param name="patience">How long one may look for a place.</param>
    /// <param name="now">The time (UTC).</param>
    public static PodReplacement Choose(
        JsonObject? deployment, bool begins, int gpus, IEnumerable<GpuPool> pools, ImmutableArray<ReplicaObservation> replicas, TimeSpan patience, DateTimeOffset now)
    {
        if (deployment is null)
        {
            return PodReplacement.Surge;
        }

        if (begins)
        {
            return pools.Any(pool => pool.Free < gpus) ? PodReplacement.InPlace : PodReplacement.Surge;
        }

        var chosen = PodReplacements.Of(deployment) ?? PodReplacement.Surge;
        return DeploymentReading.IsReplacing(deployment) && replicas.Any(r => r.Phase == ReplicaPhase.Unschedulable && now - r.Since >= patience) ? PodReplacement.InPlace : chosen;
    }
}
