using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Control;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Workloads;

namespace InferenceOperator.Local.Replicas;

/// <summary>Runs replicas as child processes on this machine.</summary>
internal sealed class LocalWorkloads(ReplicaHost host, RouteTable routes, int cores) : IWorkloads
{
    private readonly ConcurrentDictionary<string, Agent> _agents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _named = new(StringComparer.Ordinal);
    private readonly ModelFile.Inspector _models = new();

    /// <summary>Raised when a replica of an agent changed its phase, or a request waits for one that sleeps; the argument is the agent's key. On any thread.</summary>
    public event Action<string>? Changed;

    public async ValueTask<RunningWorkload> ObserveAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        if (!_agents.TryGetValue(agent.Key(), out var known))
        {
            return RunningWorkload.Nothing;
        }

        var (wanted, _) = await LaunchAsync(agent, cancellationToken).ConfigureAwait(false);
        return known.Replicas.Observe(wanted?.Revision, known.ModelProblem) with
        {
            Declared = known.Revisions.Where(pair => pair.Key != wanted?.Revision)
                .ToImmutableDictionary(static pair => pair.Key, pair => pair.Value.From.On(agent.Spec)),
        };
    }

    public async ValueTask ApplyAsync(WorkloadPlan plan, CancellationToken cancellationToken)
    {
        var key = plan.Agent.Key();
        var agent = _agents.GetOrAdd(key, _ => Create(key, plan.Agent.Metadata.Name));
        var (wanted, problem) = await LaunchAsync(plan.Agent, cancellationToken).ConfigureAwait(false);
        var launch = wanted ?? agent.Replicas.Launch; // What served before goes on serving.
        agent.ModelProblem = problem;
        agent.Replicas.Problem = problem;
        if (launch is null)
        {
            agent.Route.Update(new RouteState([], MoreComing: false, agent.ModelProblem ?? ""));
            return;
        }

        if (wanted is not null)
        {
            agent.Revisions = agent.Revisions.SetItem(wanted.Revision, (wanted, RevisionSpec.Of(plan.Agent.Spec)));
        }

        var asked = plan.Sides ?? new RolloutSides([new(launch.Revision, plan.Replicas)]);
        var sides = asked.All.Where(side => agent.Revisions.ContainsKey(side.Revision)).Select(side => Side(plan, side, agent.Revisions[side.Revision])).ToImmutableArray();
        agent.Revisions = agent.Revisions.RemoveRange(agent.Revisions.Keys.Where(name => name != launch.Revision && asked.All.All(side => side.Revision != name)).ToList());
        agent.Replicas.SetTarget(launch, sides, plan.Replicas, plan.Agent.Spec.Scaling.MayScaleToZero);
    }

    /// <summary>Ends an agent: no new requests, those inside are answered, replicas end.</summary>
    /// <param name="key"><c>namespace/name</c>.</param>
    /// <param name="cancellationToken">Kills what still runs.</param>
    public async Task RemoveAsync(string key, CancellationToken cancellationToken)
    {
        if (_agents.TryRemove(key, out var agent))
        {
            routes.Remove(agent.Route.Agent);
            await agent.Replicas.CloseAsync(cancellationToken).ConfigureAwait(false);
            agent.Replicas.Dispose();
        }
    }

    /// <summary>Ends all agents.</summary>
    /// <param name="cancellationToken">Kills what still runs.</param>
    public Task CloseAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_agents.Keys.Select(key => RemoveAsync(key, cancellationToken)));

    private static LocalSide Side(WorkloadPlan plan, RolloutSide side, (ReplicaLaunch Launch, RevisionSpec From) revision) => new(
        revision.Launch,
        side.Replicas,
        RuntimeSettingsFrom.Plan(ReplicaSettings.For(revision.From.On(plan.Agent.Spec), plan.Settings.Batching, plan.Choice)));

    // The launch that the manifest asks for, or why there is none.
    private async ValueTask<(ReplicaLaunch? Launch, string? Problem)> LaunchAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        var spec = agent.Spec;
        var model = await InspectAsync(spec.Model, "spec.model", cancellationToken).ConfigureAwait(false);
        if (model is not ModelFile.Readable full)
        {
            return (null, ((ModelFile.Unusable)model).Reason);
        }

        var variants = ImmutableArray.CreateBuilder<VariantLaunch>();
        foreach (var variant in spec.Variants ?? [])
        {
            var file = await InspectAsync(variant.Model, $"spec.variants[{variants.Count}].model", cancellationToken).ConfigureAwait(false);
            if (file is not ModelFile.Readable readable)
            {
                return (null, $"variant '{variant.Name}': {((ModelFile.Unusable)file).Reason}");
            }

            variants.Add(new VariantLaunch(variant.Name, readable.Path, readable.Sha256));
        }

        return (new ReplicaLaunch(agent.Metadata.Name, agent.Metadata.Namespace, full.Path, full.Sha256, variants.DrainToImmutable(), ReplicaThreads.For(spec, cores)), null);
    }

    private async ValueTask<ModelFile> InspectAsync(ModelSpec model, string field, CancellationToken cancellationToken) => ModelLocation.Parse(model.Uri) switch
    {
        ModelLocation.LocalFile file => await _models.InspectAsync(file.Path, model.Sha256, field, cancellationToken).ConfigureAwait(false),
        ModelLocation.VolumeClaim => new ModelFile.Unusable($"'{model.Uri}' needs a cluster; the local mode serves file:// only"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private Agent Create(string key, string name)
    {
        var route = routes.All.FirstOrDefault(each => each.Agent == name) ?? new AgentRoute(name, host.Limits, host.Time);
        routes.Remove(name);
        routes.Add(route);
        route.WakeAsked += () => Changed?.Invoke(key);
        return new Agent(new AgentReplicas(() => NextName(name), route, host, () => Changed?.Invoke(key)), route);
    }

    // Never used twice, so that a replica that still drains is not mistaken for its successor.
    private string NextName(string agent) =>
        string.Create(CultureInfo.InvariantCulture, $"{agent}-{_named.AddOrUpdate(agent, 1, static (_, last) => last + 1)}");

    private sealed class Agent(AgentReplicas replicas, AgentRoute route)
    {
        public AgentReplicas Replicas => replicas;

        public AgentRoute Route => route;

        // Written by the agent's loop, read by the same.
        public string? ModelProblem { get; set; }

        /// <summary>What is needed to start more of the revisions that run, by the same one owner.</summary>
        public ImmutableDictionary<RevisionName, (ReplicaLaunch Launch, RevisionSpec From)> Revisions { get; set; } =
            ImmutableDictionary<RevisionName, (ReplicaLaunch, RevisionSpec)>.Empty;
    }
}
