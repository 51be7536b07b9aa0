using System.Collections.Concurrent;
using System.Collections.Immutable;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster;

/// <summary>Which model file the ready replicas serve, as they say themselves; each process is asked once.</summary>
/// <remarks>Called for one agent by one owner at a time, for different agents concurrently.</remarks>
internal sealed class ServedModels(ReplicaClient client, TimeProvider time)
{
    /// <summary>Replicas asked in one look; the others wait for the next.</summary>
    private const int AskedAtOnce = 4;

    private readonly ConcurrentDictionary<string, ImmutableDictionary<string, ServedModel>> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RetryGate> _gates = new(StringComparer.Ordinal);

    /// <summary>What the ready replicas agree on; nothing where they differ, as in a rollout, or have not said.</summary>
    public async ValueTask<ServedModel> FindAsync(string uid, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken)
    {
        var ready = replicas.Where(static replica => replica.Phase is ReplicaPhase.Ready).ToList();
        var known = _known.GetValueOrDefault(uid, ImmutableDictionary<string, ServedModel>.Empty);
        known = known.RemoveRange(known.Keys.Except(ready.Select(static replica => replica.Incarnation), StringComparer.Ordinal));
        var gate = _gates.GetOrAdd(uid, _ => new RetryGate(time));
        var unknown = gate.IsOpen ? ready.Where(replica => !known.ContainsKey(replica.Incarnation)).Take(AskedAtOnce) : [];
        foreach (var (incarnation, model) in await Task.WhenAll(unknown.Select(replica => AskAsync(replica, gate, cancellationToken))).ConfigureAwait(false))
        {
            known = model is null ? known : known.SetItem(incarnation, model);
        }

        _known[uid] = known;
        return new(Agreed(known.Values.Select(static model => model.Sha256)), ModelPlacement.Agreed([.. known.Values.Select(static model => model.Placement).OfType<ModelPlacement>()]));
    }

    /// <summary>Forgets an agent that is gone.</summary>
    public void Forget(string uid)
    {
        _known.TryRemove(uid, out _);
        _gates.TryRemove(uid, out _);
    }

    private static string? Agreed(IEnumerable<string?> said) => said.Distinct(StringComparer.Ordinal).ToList() is [var one] ? one : null;

    private async Task<(string Incarnation, ServedModel? Model)> AskAsync(ReplicaAccess replica, RetryGate gate, CancellationToken cancellationToken)
    {
        try
        {
            var state = await client.GetStateAsync(replica.Admin, replica.Token, cancellationToken).ConfigureAwait(false);
            return (replica.Incarnation, new(state.ModelSha256, ReplicaPlacement.Of(state)));
        }
        catch (WorkloadException exception)
        {
            lock (gate)
            {
                gate.Fail(exception.Message);
            }

            return (replica.Incarnation, null);
        }
    }
}
