using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Cluster.Pools;
using InferenceOperator.Cluster.Reporting;
using InferenceOperator.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Queues;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster;

/// <summary>One control loop for each agent of the cluster: started, changed and ended as the watch shows.</summary>
/// <remarks>
/// <see cref="ReconcileAsync"/> is called for one agent by one worker at a time, for different agents concurrently. A spec that
/// is not accepted does not end the loop: the last accepted one goes on being served, and status says what is wrong.
/// </remarks>
internal sealed class AgentFleet(
    ClusterView view, AgentPorts ports, ClusterWorkloads workloads, ClusterPools pools, ClusterStatus status, ClusterReports reports, RejectedSpecs rejected, ILogger<AgentFleet> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ObjectKey, Member> _members = new();
    private readonly ConcurrentDictionary<ObjectKey, ObjectKey> _agentsByBase = new();
    private long _reconciles;

    /// <summary>Loops that end at the same time.</summary>
    private const int EndingAtOnce = 32;

    private long _failures;

    /// <summary>Reconciles so far.</summary>
    public long Reconciles => Interlocked.Read(ref _reconciles);

    /// <summary>Reconciles that failed and were put back.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Agents with a control loop.</summary>
    public int Count => _members.Count;

    /// <summary>Makes the loop of one agent what the agent now asks for.</summary>
    public async Task<WorkOutcome> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reconciles);
        try
        {
            var found = view.Agent(key);
            if (found is null || found.Value["metadata"]?["deletionTimestamp"] is not null)
            {
                await EndAsync(key).ConfigureAwait(false);
                return WorkOutcome.Finished;
            }

            if (_members.TryGetValue(key, out var member) && member.Uid != found.Uid)
            {
                await EndAsync(key).ConfigureAwait(false);
            }

            await TakeAsync(found, cancellationToken).ConfigureAwait(false);
            return WorkOutcome.Finished;
        }
        catch (WorkloadException e)
        {
            Interlocked.Increment(ref _failures);
            logger.ReconcileFailed(key, e.Message);
            return WorkOutcome.Failed;
        }
    }

    /// <summary>A child of the agent changed: what was applied may not be there any more.</summary>
    public void ChildChanged(ObjectKey agent)
    {
        if (_members.TryGetValue(agent, out var member))
        {
            member.Loop.Reapply();
        }
    }

    /// <summary>A pod of the agent changed.</summary>
    /// <param name="agent">Namespace and <see cref="ChildNames.Base"/>.</param>
    public void PodChanged(ObjectKey agent)
    {
        if (_agentsByBase.TryGetValue(agent, out var key) && _members.TryGetValue(key, out var member))
        {
            member.Loop.Wake();
        }
    }

    /// <summary>Ends all loops; what runs in the cluster goes on running.</summary>
    public async ValueTask DisposeAsync()
    {
        // Each may have to write what it learned.
        await Parallel.ForEachAsync(_members.Keys, new ParallelOptions { MaxDegreeOfParallelism = EndingAtOnce }, async (key, _) =>
        {
            if (_members.TryRemove(key, out var member))
            {
                await member.DisposeAsync().ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private async Task TakeAsync(ApiObject<JsonObject> found, CancellationToken cancellationToken)
    {
        var key = found.Key;
        switch (AgentManifest.Read(Typed(found.Value)))
        {
            case ManifestReading.Accepted { Agent: var agent }:
                rejected.Clear(key.ToString());
                if (pools.Bound(agent))
                {
                    // Else it would take what others have, and give it back a moment later.
                    await pools.KnownAsync(cancellationToken).ConfigureAwait(false);
                }

                if (_members.TryGetValue(key, out var member))
                {
                    // Status, labels and managed fields change too; only another spec is news to the loop.
                    if (member.Generation != agent.Metadata.Generation)
                    {
                        member.Generation = agent.Metadata.Generation;
                        member.Loop.Update(agent);
                    }
                }
                else
                {
                    Start(key, agent);
                }

                break;
            case ManifestReading.Rejected { Errors: var errors }:
                var rejection = new RejectedSpecs.Rejection(GenerationOf(found.Value), errors);
                rejected.Set(key.ToString(), rejection);
                await status.WriteRejectedAsync(key, found.Uid, StatusOf(found.Value), rejection, cancellationToken).ConfigureAwait(false);
                if (_members.TryGetValue(key, out var served))
                {
                    // So that the next accepted generation is news, and the loop's next status is written over.
                    served.Generation = rejection.Generation;
                }

                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Start(ObjectKey key, InferenceAgent agent)
    {
        _agentsByBase[new(key.Namespace, ChildNames.Of(key.Name).Base)] = key;
        _members[key] = new Member(agent, new AgentLoop(agent, ports));
        logger.AgentTaken(key);
    }

    private async Task EndAsync(ObjectKey key)
    {
        if (!_members.TryRemove(key, out var member))
        {
            rejected.Clear(key.ToString());
            status.Forget(key.ToString());
            return;
        }

        member.Loop.Forget();
        await member.DisposeAsync().ConfigureAwait(false);
        _agentsByBase.TryRemove(new(key.Namespace, ChildNames.Of(key.Name).Base), out _);
        workloads.Forget(key, member.Uid);
        rejected.Clear(key.ToString());
        status.Forget(key.ToString());
        reports.Forget(key.ToString());
        logger.AgentGone(key);
    }

    /// <summary>The items of a list lack their type.</summary>
    private static JsonObject Typed(JsonObject value)
    {
        if (value.ContainsKey("apiVersion") && value.ContainsKey("kind"))
        {
            return value;
        }

        var typed = (JsonObject)value.DeepClone();
        typed["apiVersion"] = ResourceNames.ApiVersion;
        typed["kind"] = ResourceNames.Kind;
        return typed;
    }

    private static long GenerationOf(JsonObject value) => value["metadata"]?["generation"] is JsonValue generation && generation.TryGetValue<long>(out var number) ? number : 0;

    private static AgentStatus? StatusOf(JsonObject value)
    {
        try
        {
            return value["status"].Deserialize(AgentJson.Default.AgentStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed class Member : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Member(InferenceAgent agent, AgentLoop loop)
        {
            Uid = agent.Metadata.Uid;
            Generation = agent.Metadata.Generation;
            Loop = loop;
            _running = Task.Run(() => loop.RunAsync(_stop.Token));
        }

        public string Uid { get; }

        /// <summary>The newest generation that was looked at.</summary>
        public long Generation { get; set; }

        public AgentLoop Loop { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            _stop.Dispose();
        }
    }
}
