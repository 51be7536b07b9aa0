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

    private readonly ConcurrentDictionary<string, ImmutableDictionary<string, string>> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RetryGate> _gates = new(StringComparer.Ordinal);

    /// <summary>The SHA-256 that the ready replicas agree on; null while they differ, as in a rollout, or have not said.</summary>
    public async ValueTask<string?> FindAsync(string uid, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken)
    {
        var ready = replicas.Where(static replica => replica.Phase is ReplicaPhase.Ready).ToList();
        var known = _known.GetValueOrDefault(uid, ImmutableDictionary<string, string>.Empty);
        known = known.RemoveRange(known.Keys.Except(ready.Select(static replica => replica.Incarnation), StringComparer.Ordinal));
        var gate = _gates.GetOrAdd(uid, static _ => new RetryGate());
        var unknown = gate.IsOpen(time.GetUtcNow()) ? ready.Where(replica => !known.ContainsKey(replica.Incarnation)).Take(AskedAtOnce) : [];
        foreach (var (incarnation, sha256) in await Task.WhenAll(unknown.Select(replica => AskAsync(replica, gate, cancellationToken))).ConfigureAwait(false))
        {
            known = sha256 is null ? known : known.SetItem(incarnation, sha256);
        }

        _known[uid] = known;
        var said = known.Values.Distinct(StringComparer.Ordinal).ToList();
        return said.Count == 1 ? said[0] : null;
    }

    /// <summary>Forgets an agent that is gone.</summary>
    public void Forget(string uid)
    {
        _known.TryRemove(uid, out _);
        _gates.TryRemove(uid, out _);
    }

    private async Task<(string Incarnation, string? Sha256)> AskAsync(ReplicaAccess replica, RetryGate gate, CancellationToken cancellationToken)
    {
        try
        {
            var state = await client.GetStateAsync(replica.Admin, replica.Token, cancellationToken).ConfigureAwait(false);
            return (replica.Incarnation, state.ModelSha256);
        }
        catch (WorkloadException exception)
        {
            lock (gate)
            {
                gate.Fail(exception.Message, time.GetUtcNow());
            }

            return (replica.Incarnation, null);
        }
    }
}
