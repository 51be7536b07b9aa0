using System.Collections.Concurrent;
using System.Collections.Immutable;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;

namespace InferenceOperator.Cluster.Observation;

/// <summary>The names of each agent's Deployments, found by their label without looking through all of them. Safe for several threads; each namespace has one writer.</summary>
internal sealed class DeploymentIndex
{
    private readonly ConcurrentDictionary<ObjectKey, ImmutableSortedSet<string>> _names = new();

    /// <summary>Takes in a change.</summary>
    public void Take(ObjectChange<KeptObject> change)
    {
        var (deployment, gone) = change switch
        {
            ObjectChange<KeptObject>.Added added => (added.New, false),
            ObjectChange<KeptObject>.Updated updated => (updated.New, false),
            ObjectChange<KeptObject>.Deleted deleted => (deleted.Old, true),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (deployment.Value.Agent is not { Length: > 0 } agent)
        {
            return;
        }

        var key = new ObjectKey(change.Key.Namespace, agent);
        var names = _names.GetValueOrDefault(key, ImmutableSortedSet.Create<string>(StringComparer.Ordinal));
        names = gone ? names.Remove(change.Key.Name) : names.Add(change.Key.Name);
        if (names.IsEmpty)
        {
            _names.TryRemove(key, out _);
        }
        else
        {
            _names[key] = names;
        }
    }

    /// <summary>The names of an agent's Deployments, in order.</summary>
    public ImmutableSortedSet<string> Of(string ns, ChildNames names) => _names.GetValueOrDefault(new(ns, names.Base), []);
}
