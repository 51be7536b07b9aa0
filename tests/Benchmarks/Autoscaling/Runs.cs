using System.Collections.Concurrent;
using InferenceOperator.Core.Simulation.Runs;

namespace InferenceOperator.Benchmarks.Autoscaling;

/// <summary>Runs each policy once for each seed of a scenario, and keeps what came out.</summary>
/// <param name="name">What tables call the scenario.</param>
/// <param name="scenario">The scenario.</param>
/// <param name="seeds">Seeds, from 1 on.</param>
/// <param name="progress">Told of each run that is done, by whoever did it.</param>
internal sealed class Runs(string name, Scenario scenario, int seeds, Action<string> progress)
{
    private readonly ReplicaCapacity _capacity = ReplicaCapacity.Find(scenario.Plant, scenario.SloSeconds, scenario.SloShare);
    private readonly Dictionary<string, IReadOnlyList<RunResult>> _done = new(StringComparer.Ordinal);

    public string Name => name;

    /// <summary>What has been run, in the order of the first asking.</summary>
    public IEnumerable<(string Policy, IReadOnlyList<RunResult> Runs)> Done => _done.Select(static d => (d.Key, d.Value));

    /// <summary>Runs what has not been run yet, on all cores.</summary>
    public void Prepare(params IReadOnlyList<string> policies)
    {
        var jobs = policies.Where(p => !_done.ContainsKey(p)).Distinct().SelectMany(p => Enumerable.Range(1, seeds).Select(s => (Policy: p, Seed: (ulong)s))).ToList();
        var results = new ConcurrentBag<RunResult>();
        Parallel.ForEach(jobs, job =>
        {
            var make = PolicyCatalog.Find(job.Policy, out var error) ?? throw new InvalidOperationException(error);
            var result = new SimulationRun(job.Policy, make(scenario, _capacity, job.Seed), scenario, _capacity, job.Seed).Run() with { Series = [] };
            results.Add(result);
            progress(FormattableString.Invariant($"{name}: {job.Policy}, seed {job.Seed}: {100 * result.Attainment:0.000} % within the SLO, {result.GpuHours:0.00} GPU-hours"));
        });
        foreach (var policy in jobs.Select(static j => j.Policy).Distinct())
        {
            _done[policy] = [.. results.Where(r => r.Policy == policy).OrderBy(static r => r.Seed)];
        }
    }

    public IReadOnlyList<RunResult> Of(string policy)
    {
        Prepare(policy);
        return _done[policy];
    }

    public double Mean(string policy, Func<RunResult, double> figure) => Of(policy).Average(figure);
}
