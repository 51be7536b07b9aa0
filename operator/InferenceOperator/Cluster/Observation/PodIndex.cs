using System.Collections.Concurrent;
using System.Collections.Immutable;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The pods of each agent, found by their label without looking through all pods. Safe for several threads; each namespace has one writer.</summary>
internal sealed class PodIndex
{
    private readonly ConcurrentDictionary<ObjectKey, ImmutableDictionary<string, PodState>> _pods = new();

    /// <summary>Takes in a change.</summary>
    /// <returns>Namespace and <see cref="ChildNames.Base"/> of the agent it concerns; null: of none.</returns>
    public ObjectKey? Take(ObjectChange<PodState> change)
    {
        var (pod, gone) = change switch
        {
            ObjectChange<PodState>.Added added => (added.New.Value, false),
            ObjectChange<PodState>.Updated updated => (updated.New.Value, false),
            ObjectChange<PodState>.Deleted deleted => (deleted.Old.Value, true),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (pod.Metadata.Labels?.GetValueOrDefault(ChildLabels.Agent) is not { Length: > 0 } agent)
        {
            return null;
        }

        var key = new ObjectKey(change.Key.Namespace, agent);
        var pods = _pods.GetValueOrDefault(key, ImmutableDictionary<string, PodState>.Empty);
        pods = gone ? pods.Remove(change.Key.Name) : pods.SetItem(change.Key.Name, pod);
        if (pods.IsEmpty)
        {
            _pods.TryRemove(key, out _);
        }
        else
        {
            _pods[key] = pods;
        }

        return key;
    }

    /// <summary>The pods of an agent, by name.</summary>
    public ImmutableArray<PodState> Of(string ns, ChildNames names) =>
        [.. _pods.GetValueOrDefault(new(ns, names.Base), ImmutableDictionary<string, PodState>.Empty).Values.OrderBy(static pod => pod.Metadata.Name, StringComparer.Ordinal)];
}
