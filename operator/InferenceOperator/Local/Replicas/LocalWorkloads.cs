using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Workloads;

namespace InferenceOperator.Local.Replicas;

/// <summary>Runs replicas as child processes on this machine.</summary>
internal sealed class LocalWorkloads : IWorkloads
{
    private readonly ReplicaHost _host;
    private readonly RouteTable _routes;
    private readonly int _cores;
    private readonly ModelFetches _fetches;
    private readonly ConcurrentDictionary<string, Agent> _agents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _named = new(StringComparer.Ordinal);
    private readonly ModelFile.Inspector _models = new();

    /// <param name="host">What replicas need of their surroundings.</param>
    /// <param name="routes">Where requests go.</param>
    /// <param name="cores">Cores that replicas share.</param>
    /// <param name="secrets">Folder with a folder of files for each Secret; null: there is none.</param>
    /// <param name="sources">What is not public and may give models all the same.</param>
    public LocalWorkloads(ReplicaHost host, RouteTable routes, int cores, string? secrets, ImmutableArray<string> sources)
    {
        (_host, _routes, _cores) = (host, routes, cores);
        _fetches = new ModelFetches(host, secrets, sources, key => ModelsChanged?.Invoke(key));
    }

    /// <summary>Raised when the models of an agent were fetched, or could not be; the argument is the agent's key. On any thread.</summary>
    public event Action<string>? ModelsChanged;

    /// <summary>Raised when a replica of an agent changed its phase, or a request waits for one that sleeps; the argument is the agent's key. On any thread.</summary>
    public event Action<string>? Changed;

    public async ValueTask<RunningWorkload> ObserveAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        if (!_agents.TryGetValue(agent.Key(), out var known))
        {
            return RunningWorkload.Nothing;
        }

        var (wanted, _, _) = await LookAsync(agent, cancellationToken).ConfigureAwait(false);
        return Observe(agent, known, wanted?.Revision) with
        {
            Declared = known.Revisions.Where(pair => pair.Key != wanted?.Revision)
                .ToImmutableDictionary(static pair => pair.Key, pair => pair.Value.From.On(agent.Spec)),
        };
    }

    public async ValueTask ApplyAsync(WorkloadPlan plan, CancellationToken cancellationToken)
    {
        var key = plan.Agent.Key();
        var agent = _agents.GetOrAdd(key, _ => Create(key, plan.Agent.Metadata.Name));
        var (wanted, problem, delay) = await LookAsync(plan.Agent, cancellationToken).ConfigureAwait(false);
        agent.Waiting = delay is null ? null : agent.Waiting ?? _host.Time.GetUtcNow();
        var launch = wanted ?? agent.Replicas.Launch; // What served before goes on serving.
        agent.ModelProblem = problem;
        agent.Replicas.Problem = problem;
        if (launch is null)
        {
            agent.Route.Update(new RouteState([], MoreComing: false, agent.ModelProblem ?? delay ?? ""));
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
        await _fetches.EndAsync(key).ConfigureAwait(false);
        if (_agents.TryRemove(key, out var agent))
        {
            _routes.Remove(agent.Route.Agent);
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

    // What the manifest asks for, or why it cannot be had, or why not yet.
    private async ValueTask<(ReplicaLaunch? Launch, string? Problem, string? Delay)> LookAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        var fetched = _fetches.Look(agent);
        if (Delay(fetched) is { } delay)
        {
            return (null, null, delay);
        }

        var (launch, problem) = fetched is FetchState.Failed failed
            ? (null, failed.Reason)
            : await LaunchAsync(agent, (fetched as FetchState.Brought)?.Paths, cancellationToken).ConfigureAwait(false);
        return (launch, problem, null);
    }

    // What is being fetched is as good as a replica that starts: it says why nothing answers yet.
    private RunningWorkload Observe(InferenceAgent agent, Agent known, RevisionName? wanted)
    {
        var running = known.Replicas.Observe(wanted, known.ModelProblem);
        if (!running.Observation.Replicas.IsEmpty || known.Waiting is not { } since || Delay(_fetches.Look(agent)) is not { } delay)
        {
            return running;
        }

        return running with { Observation = running.Observation with { Replicas = [new($"{agent.Metadata.Name} (fetching)", ReplicaPhase.Starting, since, delay)] } };
    }

    // Why there are no models yet, where nothing has to change for them to come; null: they are there, or are refused.
    private static string? Delay(FetchState? state) => state switch
    {
        FetchState.Underway underway => underway.Progress,
        FetchState.Failed { IsRefusal: false } failed => $"its model is being fetched again after: {failed.Reason}",
        _ => null,
    };

    // The launch that the manifest asks for, or why there is none.
    private async ValueTask<(ReplicaLaunch? Launch, string? Problem)> LaunchAsync(InferenceAgent agent, ImmutableDictionary<string, string>? fetched, CancellationToken cancellationToken)
    {
        var spec = agent.Spec;
        var model = await InspectAsync(spec.Model, fetched?.GetValueOrDefault(VariantShares.Full), "spec.model", cancellationToken).ConfigureAwait(false);
        if (model is not ModelFile.Readable full)
        {
            return (null, ((ModelFile.Unusable)model).Reason);
        }

        var variants = ImmutableArray.CreateBuilder<VariantLaunch>();
        foreach (var variant in spec.Variants ?? [])
        {
            var file = await InspectAsync(variant.Model, fetched?.GetValueOrDefault(variant.Name), $"spec.variants[{variants.Count}].model", cancellationToken).ConfigureAwait(false);
            if (file is not ModelFile.Readable readable)
            {
                return (null, $"variant '{variant.Name}': {((ModelFile.Unusable)file).Reason}");
            }

            variants.Add(new VariantLaunch(variant.Name, readable.Path, readable.Sha256));
        }

        return (new ReplicaLaunch(agent.Metadata.Name, agent.Metadata.Namespace, full.Path, full.Sha256, variants.DrainToImmutable(), ReplicaThreads.For(spec, _cores)) { Gpu = spec.Gpu }, null);
    }

    private async ValueTask<ModelFile> InspectAsync(ModelSpec model, string? fetched, string field, CancellationToken cancellationToken) =>
        (fetched ?? (ModelLocation.Parse(model.Uri) as ModelLocation.LocalFile)?.Path) is { } path
            ? await _models.InspectAsync(path, model.Sha256, field, cancellationToken).ConfigureAwait(false)
            : new ModelFile.Unusable($"'{model.Uri}' needs a cluster; the local mode serves file://, https:// and s3://");

    private Agent Create(string key, string name)
    {
        var route = _routes.All.FirstOrDefault(each => each.Agent == name) ?? new AgentRoute(name, _host.Limits, _host.Time);
        _routes.Remove(name);
        _routes.Add(route);
        route.WakeAsked += () => Changed?.Invoke(key);
        return new Agent(new AgentReplicas(() => NextName(name), route, _host, () => Changed?.Invoke(key)), route);
    }

    // Never used twice, so that a replica that still drains is not mistaken for its successor.
    private string NextName(string agent) =>
        string.Create(CultureInfo.InvariantCulture, $"{agent}-{_named.AddOrUpdate(agent, 1, static (_, last) => last + 1)}");

    private sealed class Agent(AgentReplicas replicas, AgentRoute route)
    {
        public AgentReplicas Replicas => replicas;

        public AgentRoute Route => route;

        // These two are written by the agent's loop, and read by the same.
        public string? ModelProblem { get; set; }

        /// <summary>Since when its models are awaited; null: they are not.</summary>
        public DateTimeOffset? Waiting { get; set; }

        /// <summary>What is needed to start more of the revisions that run, by the same one owner.</summary>
        public ImmutableDictionary<RevisionName, (ReplicaLaunch Launch, RevisionSpec From)> Revisions { get; set; } =
            ImmutableDictionary<RevisionName, (ReplicaLaunch, RevisionSpec)>.Empty;
    }
}
