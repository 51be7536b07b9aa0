using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Apply;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Cluster.Pools;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Kubernetes;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster;

/// <summary>Replicas as pods of a Deployment.</summary>
/// <param name="view">What is seen of the cluster; synced before the first call.</param>
/// <param name="writers">Who else writes replicas.</param>
/// <param name="pools">The GPUs that there are.</param>
/// <param name="applier">Writes children.</param>
/// <param name="tokens">The admin tokens.</param>
/// <param name="models">What replicas say they serve.</param>
/// <param name="options">What the operator's options say of children.</param>
/// <param name="server">Version of the API server; known before the first call.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterWorkloads(
    ClusterView view,
    ReplicaWriters writers,
    ClusterPools pools,
    ChildApplier applier,
    AdminTokens tokens,
    ServedModels models,
    ChildOptions options,
    Func<ServerVersion> server,
    TimeProvider time) : IWorkloads, IDisposable
{
    /// <summary>Agents whose children are rendered and sent at the same time; the others wait their turn. Thousands that begin at once would hold the manifests of all, and be done no sooner.</summary>
    private const int AppliedAtOnce = 128;

    private readonly SemaphoreSlim _turns = new(AppliedAtOnce);
    private readonly ConcurrentDictionary<string, string> _notices = new(StringComparer.Ordinal);

    public async ValueTask<RunningWorkload> ObserveAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var deployments = view.Deployments(agent);
        var revisions = RevisionsOf(agent, deployments);
        var pods = view.Pods(agent);
        var replicas = pods.Select(pod => PodReading.Replica(pod) with { Revision = revisions.Of(pod) }).ToImmutableArray();
        var token = pods.IsEmpty ? null : await tokens.FindAsync(agent, cancellationToken).ConfigureAwait(false);
        var access = token is null ? [] : Access(pods, replicas, token);
        foreach (var deployment in deployments)
        {
            if (DeploymentReading.CreationProblem(deployment.Value) is { } problem)
            {
                replicas = replicas.Add(new($"{deployment.Key.Name} (not created)", ReplicaPhase.Unschedulable, CreatedAt(deployment.Value), problem) { Revision = revisions.Of(deployment.Value) });
            }
        }

        var served = await models.FindAsync(agent.Metadata.Uid, access, cancellationToken).ConfigureAwait(false);
        var observation = new WorkloadObservation
        {
            WantedReplicas = WantedReplicas(agent, deployments),
            WantedRevision = revisions.Wanted?.Name,
            Revisions = [.. deployments.Select(d => revisions.Of(d.Value)).OfType<RevisionName>().Distinct()],
            Replicas = replicas,
            ModelProblem = ModelProblem(agent, pods),
            ApplyProblem = _notices.GetValueOrDefault(agent.Metadata.Uid) ?? (deployments.Length == 1 ? DeploymentReading.RolloutProblem(deployments[0].Value) : null),
            CapacityUnknown = pools.Bound(agent) ? pools.Unknown : null,
            ServingSha256 = served.Sha256,
            Placement = served.Placement,
            Lack = replicas.Any(static r => r.Phase is ReplicaPhase.Unschedulable) ? Lack(agent, deployments) : null,
            Rollout = deployments.Length == 1 ? DeploymentReading.Rollout(deployments[0].Value) : null,
            Generation = deployments.IsEmpty ? null : DeploymentReading.AgentGeneration(deployments[0].Value),
            OtherWriter = Writer(agent, deployments),
            WritersUnknown = writers.Unknown,
            Selector = ChildLabels.Selector(names),
        };
        return new RunningWorkload(observation, access) { Declared = revisions.Declared(agent.Spec), IsReachable = pods.IsEmpty || token is not null };
    }

    public async ValueTask ApplyAsync(WorkloadPlan plan, CancellationToken cancellationToken)
    {
        if (ModelVolumes.LocalFile(plan.Agent.Spec) is not null || ModelImages.Problem(plan.Agent.Spec, server()) is not null)
        {
            // The observation says so in a condition; what served before goes on serving.
            return;
        }

        await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ApplyInTurnAsync(plan, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async ValueTask ApplyInTurnAsync(WorkloadPlan plan, CancellationToken cancellationToken)
    {
        var agent = plan.Agent;
        var token = await tokens.EnsureAsync(agent, cancellationToken).ConfigureAwait(false);
        var deployments = view.Deployments(agent);
        var revisions = RevisionsOf(agent, deployments);
        var slots = RevisionSlot.Assign(
            plan.Sides ?? new([new(revisions.Wanted!.Name, plan.Replicas)]), // Null only for a file of one machine.
            [.. deployments.Select(d => (RevisionSlot.SideOf(d.Value), revisions.Of(d.Value)!.Value))], // As is this.
            revisions.Known);
        var children = ChildPlan.Render(agent, [.. slots.Select(slot => SideOf(plan, slot, token))], token, options, new(server(), view.Served()));
        var writer = Writer(agent, deployments);
        var holder = writer is not null || writers.Unknown is not null ? ReplicasHolder.MayBeThere : ReplicasHolder.IsGone;
        string? notice = null;
        WorkloadException? failure = null;
        foreach (var child in children)
        {
            try
            {
                var live = view.Child(child.Kind, new(child.Namespace, child.Name));
                notice = await applier.ApplyAsync(child, agent.Metadata.Uid, live, holder, cancellationToken).ConfigureAwait(false) ?? notice;
            }
            catch (WorkloadException e) when (child.IsOptional)
            {
                failure = failure is { IsRefusal: true } ? failure : e;
            }
        }

        await TidyAsync(agent, children, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
        {
            throw failure;
        }

        // Who is known is named in a condition of his own.
        if (notice is null || writer is not null)
        {
            _notices.TryRemove(agent.Metadata.Uid, out _);
        }
        else
        {
            _notices[agent.Metadata.Uid] = notice;
        }
    }

    /// <summary>Forgets an agent that is gone; its children go with it.</summary>
    public void Forget(ObjectKey agent, string uid)
    {
        foreach (var (kind, name) in ChildNames.Of(agent.Name).All)
        {
            applier.Forget(kind, new(agent.Namespace, name));
        }

        tokens.Forget(uid);
        models.Forget(uid);
        _notices.TryRemove(uid, out _);
    }

    public void Dispose() => _turns.Dispose();

    private DeploymentSide SideOf(WorkloadPlan plan, RevisionSlot slot, string token)
    {
        var (agent, settings) = DeploymentSide.Of(plan, slot);
        var (ns, gpu, names) = (agent.Metadata.Namespace, agent.Spec.Gpu, ChildNames.Of(agent.Metadata.Name));
        var deployment = view.Child(ChildKind.Deployment, new(ns, names.Deployment(slot.Side)))?.Value.Read();
        var rendering = PodRendering.For(agent, options.ImageOf(gpu), ChildPlan.DigestOf(token), deployment, options.RenewsPods, slot.Side);
        var replacement = ReplacementRule.Choose(
            deployment,
            begins: deployment is not null && rendering.Replaces(deployment),
            gpu.Count,
            pools.Bound(agent) ? pools.Of(gpu.Resource, []).Where(pool => pool.Namespace is null || pool.Namespace == ns) : [],
            [.. view.Pods(agent).Where(pod => RevisionSlot.SideOf(pod) == slot.Side).Select(PodReading.Replica)],
            pools.NodesGrow ? ReplacementRule.PatienceForNodes : ReplacementRule.Patience,
            time.GetUtcNow());
        return new(slot, agent, settings, rendering, replacement);
    }

    private static LiveRevisions RevisionsOf(InferenceAgent agent, ImmutableArray<ApiObject<JsonObject>> deployments) =>
        LiveRevisions.Of(ModelVolumes.LocalFile(agent.Spec) is null ? RevisionSpec.Of(agent.Spec) : null, deployments.Select(static d => d.Value));

    /// <summary>With several Deployments there is one replica too many for the time of a roll-out: what was decided last stands in the status.</summary>
    private static int? WantedReplicas(InferenceAgent agent, ImmutableArray<ApiObject<JsonObject>> deployments) => deployments.Length switch
    {
        0 => null,
        1 => DeploymentReading.Replicas(deployments[0].Value),
        _ => agent.Status?.Replicas ?? deployments.Max(static d => DeploymentReading.Replicas(d.Value)),
    };

    private string? Writer(InferenceAgent agent, ImmutableArray<ApiObject<JsonObject>> deployments) =>
        (deployments.IsEmpty ? [ChildNames.Of(agent.Metadata.Name).Base] : deployments.Select(static d => d.Key.Name))
            .Select(name => writers.Of(new(agent.Metadata.Namespace, name))).FirstOrDefault(static writer => writer is not null);

    /// <summary>Deletes what the agent once had and no longer wants. A Deployment's pods drain as they go.</summary>
    private async ValueTask TidyAsync(InferenceAgent agent, ImmutableArray<Child> wanted, CancellationToken cancellationToken)
    {
        var (served, names) = (view.Served(), ChildNames.Of(agent.Metadata.Name));
        var sides = view.Deployments(agent).Select(static d => RevisionSlot.SideOf(d.Value)).OfType<string>()
            .SelectMany(side => (IEnumerable<(ChildKind Kind, string Name)>)[(ChildKind.ConfigMap, names.Settings(side)), (ChildKind.Deployment, names.Deployment(side))]);
        foreach (var (kind, name) in names.All.Concat(sides).Where(each => !wanted.Any(child => child.Kind == each.Kind && child.Name == each.Name)))
        {
            if (view.Child(kind, new(agent.Metadata.Namespace, name)) is { } left && left.Value.ControllerUid == agent.Metadata.Uid)
            {
                await applier.DeleteAsync(kind, served.GetValueOrDefault(kind) ?? kind.Versions()[0], left, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static ImmutableArray<ReplicaAccess> Access(ImmutableArray<PodState> pods, ImmutableArray<ReplicaObservation> replicas, string token)
    {
        var access = ImmutableArray.CreateBuilder<ReplicaAccess>(pods.Length);
        for (var i = 0; i < pods.Length; i++)
        {
            if (PodReading.Address(pods[i], RuntimePorts.MetricsName) is { } metrics && PodReading.Address(pods[i], RuntimePorts.AdminName) is { } admin)
            {
                access.Add(new(replicas[i].Name, PodReading.Incarnation(pods[i]), replicas[i].Phase, metrics, admin, new AdminToken(token)) { Revision = replicas[i].Revision });
            }
        }

        return access.DrainToImmutable();
    }

    /// <summary>What is lacking for replicas without a place, where more can be told than the scheduler does.</summary>
    private CapacityLack? Lack(InferenceAgent agent, ImmutableArray<ApiObject<JsonObject>> deployments) =>
        deployments.Any(static d => DeploymentReading.CreationProblem(d.Value) is not null) ? new(CapacityLackKind.NotAllowed, "replicas may not be created")
        : agent.Spec.Gpu is { Count: > 0 } gpu ? pools.Lack(gpu.Resource)
        : null;

    private string? ModelProblem(InferenceAgent agent, ImmutableArray<PodState> pods) =>
        ModelVolumes.LocalFile(agent.Spec) is { } file
            ? $"{file.Field}: {file.Uri} names a file of one machine, which pods do not have: put it on a volume and write pvc://CLAIM/PATH"
            : ModelImages.Problem(agent.Spec, server()) ?? pods.Select(PodReading.ModelProblem).FirstOrDefault(static problem => problem is not null);

    private static DateTimeOffset CreatedAt(JsonObject live) =>
        DateTimeOffset.TryParse(live["metadata"]?["creationTimestamp"]?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.UnixEpoch;
}
