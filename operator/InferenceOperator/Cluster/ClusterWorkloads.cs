using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Apply;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Cluster.Pools;
using InferenceOperator.Control;
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
/// <param name="image">Image of the runtime.</param>
internal sealed class ClusterWorkloads(ClusterView view, ReplicaWriters writers, ClusterPools pools, ChildApplier applier, AdminTokens tokens, ServedModels models, string image) : IWorkloads
{
    private readonly ConcurrentDictionary<string, string> _notices = new(StringComparer.Ordinal);

    public async ValueTask<RunningWorkload> ObserveAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var deployments = Deployments(agent);
        var revisions = RevisionsOf(agent, deployments);
        var pods = view.Pods(agent);
        var replicas = pods.Select(pod => PodReading.Replica(pod) with { Revision = revisions.Of(pod) }).ToImmutableArray();
        var access = pods.IsEmpty ? [] : await AccessAsync(agent, pods, replicas, cancellationToken).ConfigureAwait(false);
        foreach (var deployment in deployments)
        {
            if (DeploymentReading.CreationProblem(deployment.Value) is { } problem)
            {
                replicas = replicas.Add(new($"{deployment.Key.Name} (not created)", ReplicaPhase.Unschedulable, CreatedAt(deployment.Value), problem) { Revision = revisions.Of(deployment.Value) });
            }
        }

        var observation = new WorkloadObservation
        {
            WantedReplicas = WantedReplicas(agent, deployments),
            WantedRevision = revisions.Wanted?.Name,
            Revisions = [.. deployments.Select(d => revisions.Of(d.Value)).OfType<RevisionName>().Distinct()],
            Replicas = replicas,
            ModelProblem = ModelProblem(agent, pods),
            ApplyProblem = _notices.GetValueOrDefault(agent.Metadata.Uid) ?? (deployments.Length == 1 ? DeploymentReading.RolloutProblem(deployments[0].Value) : null),
            CapacityUnknown = pools.Bound(agent) ? pools.Unknown : null,
            ServingSha256 = await models.FindAsync(agent.Metadata.Uid, access, cancellationToken).ConfigureAwait(false),
            OtherWriter = Writer(agent, names, deployments),
            WritersUnknown = writers.Unknown,
            Selector = ChildLabels.Selector(names),
        };
        return new RunningWorkload(observation, access) { Declared = revisions.Declared(agent.Spec) };
    }

    public async ValueTask ApplyAsync(WorkloadPlan plan, CancellationToken cancellationToken)
    {
        if (ModelVolumes.LocalFile(plan.Agent.Spec) is not null)
        {
            // The observation says so in a condition; what served before goes on serving.
            return;
        }

        var agent = plan.Agent;
        var token = await tokens.EnsureAsync(agent, cancellationToken).ConfigureAwait(false);
        var deployments = Deployments(agent);
        var revisions = RevisionsOf(agent, deployments);
        var slots = RevisionSlot.Assign(
            plan.Sides ?? new([new(revisions.Wanted!.Name, plan.Replicas)]), // Null only for a file of one machine.
            [.. deployments.Select(d => (RevisionSlot.SideOf(d.Value), revisions.Of(d.Value)!.Value))],
            revisions.Known);
        var children = ChildPlan.Render(plan, slots, token);
        var writer = Writer(agent, ChildNames.Of(agent.Metadata.Name), deployments);
        var holder = writer is not null || writers.Unknown is not null ? ReplicasHolder.MayBeThere : ReplicasHolder.IsGone;
        string? notice = null;
        foreach (var child in children)
        {
            var live = view.Child(child.Kind, new(child.Namespace, child.Name));
            notice = await applier.ApplyAsync(child, agent.Metadata.Uid, live, holder, cancellationToken).ConfigureAwait(false) ?? notice;
        }

        foreach (var kind in ChildKinds.All)
        {
            foreach (var left in view.ChildrenOf(kind, agent).Where(live => !children.Any(child => child.Kind == kind && child.Name == live.Key.Name)))
            {
                await applier.DeleteAsync(kind, left, cancellationToken).ConfigureAwait(false);
            }
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

    /// <summary>Those that are not on their way out; the largest first.</summary>
    private ImmutableArray<ApiObject<JsonObject>> Deployments(InferenceAgent agent) =>
    [
        .. view.ChildrenOf(ChildKind.Deployment, agent)
            .Where(static d => d.Value["metadata"]?["deletionTimestamp"] is null)
            .OrderByDescending(static d => DeploymentReading.Replicas(d.Value) ?? 0).ThenBy(static d => d.Key.Name, StringComparer.Ordinal),
    ];

    private LiveRevisions RevisionsOf(InferenceAgent agent, ImmutableArray<ApiObject<JsonObject>> deployments) =>
        LiveRevisions.Of(ModelVolumes.LocalFile(agent.Spec) is null ? RevisionSpec.Of(agent.Spec, image) : null, deployments.Select(static d => d.Value));

    /// <summary>Of several Deployments one is too many for the time of a roll-out: what was decided last stands in the status.</summary>
    private static int? WantedReplicas(InferenceAgent agent, ImmutableArray<ApiObject<JsonObject>> deployments) => deployments.Length switch
    {
        0 => null,
        1 => DeploymentReading.Replicas(deployments[0].Value),
        _ => agent.Status?.Replicas ?? deployments.Max(static d => DeploymentReading.Replicas(d.Value)),
    };

    private string? Writer(InferenceAgent agent, ChildNames names, ImmutableArray<ApiObject<JsonObject>> deployments) =>
        (deployments.Length == 0 ? [names.Base] : deployments.Select(static d => d.Key.Name))
            .Select(name => writers.Of(new(agent.Metadata.Namespace, name))).FirstOrDefault(static writer => writer is not null);

    /// <summary>Forgets an agent that is gone; its children go with it.</summary>
    public void Forget(ObjectKey agent, string uid)
    {
        var names = ChildNames.Of(agent.Name);
        applier.Forget(ChildKind.ConfigMap, new(agent.Namespace, names.Settings(null)));
        applier.Forget(ChildKind.Service, new(agent.Namespace, names.Base));
        applier.Forget(ChildKind.Service, new(agent.Namespace, names.Peers));
        applier.Forget(ChildKind.Deployment, new(agent.Namespace, names.Base));
        tokens.Forget(uid);
        models.Forget(uid);
        _notices.TryRemove(uid, out _);
    }

    private async ValueTask<ImmutableArray<ReplicaAccess>> AccessAsync(
        InferenceAgent agent, ImmutableArray<PodState> pods, ImmutableArray<ReplicaObservation> replicas, CancellationToken cancellationToken)
    {
        if (await tokens.FindAsync(agent, cancellationToken).ConfigureAwait(false) is not { } token)
        {
            return [];
        }

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

    private static string? ModelProblem(InferenceAgent agent, ImmutableArray<PodState> pods) =>
        ModelVolumes.LocalFile(agent.Spec) is { } file
            ? $"{file.Field}: {file.Uri} names a file of one machine, which pods do not have: put it on a volume and write pvc://CLAIM/PATH"
            : pods.Select(PodReading.ModelProblem).FirstOrDefault(static problem => problem is not null);

    private static DateTimeOffset CreatedAt(JsonObject live) =>
        DateTimeOffset.TryParse(live["metadata"]?["creationTimestamp"]?.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.UnixEpoch;
}
