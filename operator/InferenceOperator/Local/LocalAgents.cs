using System.Collections.Immutable;
using InferenceOperator.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;
using InferenceOperator.Decisions;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Local.Replicas;
using InferenceOperator.Manifests;

namespace InferenceOperator.Local;

/// <summary>The agents of the local mode: one control loop each, started, changed and ended as the manifests say.</summary>
/// <remarks><see cref="ApplyAsync"/> and <see cref="StopLoopsAsync"/> have one caller at a time; reports and views are thread safe.</remarks>
internal sealed class LocalAgents : IAgentReports, IStatusSink
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ImmutableArray<FieldError>> _errors = new(StringComparer.Ordinal);
    private readonly List<Task> _ending = [];
    private readonly AgentPorts _ports;
    private readonly LocalWorkloads _workloads;
    private readonly RouteTable _routes;
    private readonly EndpointLimits _limits;
    private readonly DecisionLog _decisions;
    private readonly CancellationToken _cut;
    private readonly Action<string, string> _say;
    private ManifestSet _served = ManifestSet.Empty;

    /// <param name="ports">What the loops share, with this object in the places of status and reports.</param>
    /// <param name="workloads">The replicas.</param>
    /// <param name="routes">The endpoint's table.</param>
    /// <param name="limits">The endpoint's limits.</param>
    /// <param name="decisions">The log of decisions.</param>
    /// <param name="say">Takes lines for people: agent and line.</param>
    /// <param name="cut">Kills replicas that still drain.</param>
    public LocalAgents(
        Func<LocalAgents, AgentPorts> ports, LocalWorkloads workloads, RouteTable routes, EndpointLimits limits, DecisionLog decisions, Action<string, string> say, CancellationToken cut)
    {
        _workloads = workloads;
        _routes = routes;
        _limits = limits;
        _decisions = decisions;
        _say = say;
        _cut = cut;
        _ports = ports(this);
        workloads.Changed += Wake;
        workloads.ModelsChanged += Reapply;
    }

    /// <summary>Raised after each control step, on the loop's turn; must return at once.</summary>
    public event Action<AgentReport>? Reported;

    /// <summary>All agents, good and faulty, by key.</summary>
    public ImmutableArray<AgentView> Views
    {
        get
        {
            lock (_gate)
            {
                var served = _entries.Select(pair => new AgentView(pair.Key, pair.Value.Agent, pair.Value.Report, _errors.GetValueOrDefault(pair.Key, [])));
                var never = _errors.Where(pair => !_entries.ContainsKey(pair.Key)).Select(pair => new AgentView(pair.Key, null, null, pair.Value));
                return [.. served.Concat(never).OrderBy(view => view.Key, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Makes the agents what the manifests say. Faulty manifests leave their previous good version serving.</summary>
    /// <param name="read">What was read.</param>
    public async Task ApplyAsync(ManifestSet read)
    {
        var next = read.KeepingGoodOf(_served);
        NoteErrors(read);
        foreach (var key in _served.Agents.Keys.Where(key => !next.Agents.ContainsKey(key)))
        {
            _say(key, "its manifest is gone; it drains");
            await EndAsync(key).ConfigureAwait(false);
        }

        foreach (var (key, agent) in next.Agents)
        {
            var before = _served.Agents.GetValueOrDefault(key);
            if (before is null)
            {
                Start(key, agent);
            }
            else if (!IsSame(before, agent))
            {
                Change(key, agent);
            }
        }

        _served = next;
    }

    /// <summary>Ends the control loops; what runs goes on running.</summary>
    public async Task StopLoopsAsync()
    {
        Entry[] entries;
        lock (_gate)
        {
            entries = [.. _entries.Values];
        }

        foreach (var entry in entries)
        {
            await entry.DisposeAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_ending).ConfigureAwait(false);
        _workloads.Changed -= Wake;
        _workloads.ModelsChanged -= Reapply;
    }

    public void Take(AgentReport report)
    {
        AgentReport? before;
        lock (_gate)
        {
            if (!_entries.TryGetValue(report.Agent.Key(), out var entry))
            {
                return;
            }

            before = entry.Report;
            entry.Report = report;
        }

        _decisions.Take(report);
        foreach (var line in AgentChanges.Between(before, report))
        {
            _say(report.Agent.Key(), line);
        }

        Reported?.Invoke(report);
    }

    /// <summary>Status lives in the last report; there is nobody else to write it to.</summary>
    public ValueTask WriteAsync(InferenceAgent agent, AgentStatus status, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private static bool IsSame(InferenceAgent left, InferenceAgent right) =>
        ReferenceEquals(left, right)
        || System.Text.Json.Nodes.JsonNode.DeepEquals(AgentManifest.Write(left), AgentManifest.Write(right));

    private void NoteErrors(ManifestSet read)
    {
        lock (_gate)
        {
            _errors.Clear();
            foreach (var fault in read.Faults.Where(fault => fault.Key is not null))
            {
                _errors[fault.Key!] = fault.Errors;
            }
        }
    }

    private void Start(string key, InferenceAgent agent)
    {
        // The route is there from the beginning, so that the first requests wait instead of finding nobody.
        _routes.Add(new AgentRoute(agent.Metadata.Name, _limits, _ports.Time));
        var first = agent with { Metadata = agent.Metadata with { Generation = 1 } };
        lock (_gate)
        {
            _entries[key] = new Entry(first, new AgentLoop(first, _ports));
        }
    }

    private void Change(string key, InferenceAgent agent)
    {
        lock (_gate)
        {
            var entry = _entries[key];
            entry.Agent = agent with { Metadata = agent.Metadata with { Generation = entry.Agent.Metadata.Generation + 1 } };
            entry.Loop.Update(entry.Agent);
        }

        _say(key, "its manifest changed and was taken");
    }

    private async Task EndAsync(string key)
    {
        Entry? entry;
        lock (_gate)
        {
            _entries.Remove(key, out entry);
        }

        if (entry is not null)
        {
            await entry.DisposeAsync().ConfigureAwait(false);
        }

        _decisions.Forget(key);
        _ending.RemoveAll(task => task.IsCompletedSuccessfully);
        _ending.Add(_workloads.RemoveAsync(key, _cut));
    }

    private void Wake(string key) => Tell(key, static loop => loop.Wake());

    // What was applied was applied without the models.
    private void Reapply(string key) => Tell(key, static loop => loop.Reapply());

    private void Tell(string key, Action<AgentLoop> tell)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                tell(entry.Loop);
            }
        }
    }

    private sealed class Entry : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Entry(InferenceAgent agent, AgentLoop loop)
        {
            Agent = agent;
            Loop = loop;
            _running = Task.Run(() => loop.RunAsync(_stop.Token));
        }

        public InferenceAgent Agent { get; set; }

        public AgentLoop Loop { get; }

        public AgentReport? Report { get; set; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            _stop.Dispose();
        }
    }
}
