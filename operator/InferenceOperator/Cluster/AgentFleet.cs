using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Cluster.Policies;
using InferenceOperator.Cluster.Pools;
using InferenceOperator.Cluster.Reporting;
using InferenceOperator.Control;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Queues;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster;

/// <summary>One control loop for each agent of the cluster: started, changed and ended as the watch shows.</summary>
/// <remarks>
/// <see cref="ReconcileAsync"/> is called for one agent by one worker at a time, for different agents concurrently; it does nothing for agents of other replicas' shards. A spec that
/// is not accepted does not end the loop: the last accepted one goes on being served, and status says what is wrong.
/// </remarks>
internal sealed class AgentFleet(
    ClusterView view, AgentPorts ports, ClusterWorkloads workloads, ClusterPools pools, ClusterPolicies policies, ClusterStatus status, ClusterReports reports, RejectedSpecs rejected, AgentTerms terms, ILogger<AgentFleet> logger) : IAsyncDisposable
{
    /// <summary>Loops that end at the same time.</summary>
    private const int EndingAtOnce = 32;

    private readonly ConcurrentDictionary<ObjectKey, Member> _members = new();
    private readonly ConcurrentDictionary<ObjectKey, ObjectKey> _agentsByBase = new();
    private long _reconciles;
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
        using var turn = terms.TryEnter(key);
        if (turn is null)
        {
            return WorkOutcome.Finished;
        }

        Interlocked.Increment(ref _reconciles);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, turn.End);
        try
        {
            var found = view.Agent(key);
            if (found is null or { Value.IsGoing: true })
            {
                await EndAsync(key).ConfigureAwait(false);
                return WorkOutcome.Finished;
            }

            if (_members.TryGetValue(key, out var member) && member.Uid != found.Uid)
            {
                await EndAsync(key).ConfigureAwait(false);
            }

            await TakeAsync(found, turn.End, end.Token).ConfigureAwait(false);
            return WorkOutcome.Finished;
        }
        catch (WorkloadException e)
        {
            Interlocked.Increment(ref _failures);
            logger.ReconcileFailed(key, e.Message);
            return WorkOutcome.Failed;
        }
        catch (OperationCanceledException) when (turn.End.IsCancellationRequested)
        {
            // Whoever holds the shard next looks at the agent anyway.
            return WorkOutcome.Finished;
        }
    }

    /// <summary>Ends the loops of a shard's agents, which write what they learned, and forgets what is known of them: others will change it. What runs in the cluster goes on running.</summary>
    public Task EndShardAsync(int shard) =>
        Parallel.ForEachAsync(
            _members.Keys.Where(key => terms.ShardOf(key) == shard),
            new ParallelOptions { MaxDegreeOfParallelism = EndingAtOnce },
            async (key, _) => await ForgetAsync(key, isGone: false).ConfigureAwait(false));

    /// <summary>A child of the agent changed: what was applied may not be there any more.</summary>
    public void ChildChanged(ObjectKey agent)
    {
        if (_members.TryGetValue(agent, out var member))
        {
            member.Loop.Reapply();
        }
    }

    /// <summary>What the operator itself made of the agent is there now.</summary>
    public void ChildSeen(ObjectKey agent)
    {
        if (_members.TryGetValue(agent, out var member))
        {
            member.Loop.Wake();
        }
    }

    /// <summary>The API server began to serve a kind, or what is known of one became another: every agent may want other children.</summary>
    public void KindsChanged()
    {
        foreach (var member in _members.Values)
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

    private async Task TakeAsync(ApiObject<KeptObject> found, CancellationToken termEnd, CancellationToken cancellationToken)
    {
        var (key, value) = (found.Key, found.Value.Read());
        switch (EffectiveManifest.Read(Typed(value), policies.Judge))
        {
            case ManifestReading.Accepted { Agent: var agent }:
                var again = rejected.Find(key.ToString()) is not null;
                rejected.Clear(key.ToString());
                if (pools.Bound(agent))
                {
                    // Else it would take what others have, and give it back a moment later.
                    await pools.KnownAsync(cancellationToken).ConfigureAwait(false);
                }

                if (_members.TryGetValue(key, out var member))
                {
                    // Status, labels and managed fields change too; only another spec, or what policies make of it, is news to the loop.
                    if (member.Generation != agent.Metadata.Generation || !member.Policies.SequenceEqual(agent.Policies))
                    {
                        (member.Generation, member.Policies) = (agent.Metadata.Generation, agent.Policies);
                        member.Loop.Update(agent);
                    }

                    if (again)
                    {
                        member.Loop.Restate();
                    }
                }
                else
                {
                    Start(key, agent, termEnd);
                }

                break;
            case ManifestReading.Rejected { Errors: var errors }:
                var rejection = new RejectedSpecs.Rejection(found.Value.Generation, errors);
                rejected.Set(key.ToString(), rejection);
                await status.WriteRejectedAsync(key, found.Uid, StatusOf(value), rejection, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Start(ObjectKey key, InferenceAgent agent, CancellationToken end)
    {
        _agentsByBase[new(key.Namespace, ChildNames.Of(key.Name).Base)] = key;
        _members[key] = new Member(agent, new AgentLoop(agent with { Status = status.Known(agent.Status) }, ports), end);
        logger.AgentTaken(key);
    }

    private async Task EndAsync(ObjectKey key)
    {
        if (await ForgetAsync(key, isGone: true).ConfigureAwait(false))
        {
            logger.AgentGone(key);
        }
    }

    /// <param name="key">The agent.</param>
    /// <param name="isGone">False: somebody else looks after it from now on.</param>
    /// <returns>Whether it had a loop.</returns>
    private async Task<bool> ForgetAsync(ObjectKey key, bool isGone)
    {
        rejected.Clear(key.ToString());
        if (!_members.TryRemove(key, out var member))
        {
            status.Forget(key.ToString());
            return false;
        }

        if (isGone)
        {
            member.Loop.Forget();
        }

        await member.DisposeAsync().ConfigureAwait(false);
        _agentsByBase.TryRemove(new(key.Namespace, ChildNames.Of(key.Name).Base), out _);
        workloads.Forget(key, member.Uid);
        status.Forget(key.ToString());
        reports.Forget(key.ToString());
        return true;
    }

    /// <summary>The items of a list lack their type.</summary>
    private static JsonObject Typed(JsonObject value)
    {
        if (value.ContainsKey("apiVersion") && value.ContainsKey("kind"))
        {
            return value;
        }

        value["apiVersion"] = ResourceNames.ApiVersion;
        value["kind"] = ResourceNames.Kind;
        return value;
    }

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
        private readonly CancellationTokenSource _stop;
        private readonly Task _running;

        /// <param name="end">Cancelled when the term of the agent's shard has to end.</param>
        public Member(InferenceAgent agent, AgentLoop loop, CancellationToken end)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(end);
            Uid = agent.Metadata.Uid;
            (Generation, Policies) = (agent.Metadata.Generation, agent.Policies);
            Loop = loop;
            _running = Task.Run(() => loop.RunAsync(_stop.Token), CancellationToken.None);
        }

        public string Uid { get; }

        /// <summary>The newest generation that was looked at.</summary>
        public long Generation { get; set; }

        /// <summary>What policies made of it then.</summary>
        public ImmutableArray<PolicyEffect> Policies { get; set; }

        public AgentLoop Loop { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            _stop.Dispose();
        }
    }
}
