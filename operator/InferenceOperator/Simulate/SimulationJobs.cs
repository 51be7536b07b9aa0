using System.Collections.Immutable;
using InferenceOperator.Core.Simulation.Runs;

namespace InferenceOperator.Simulate;

/// <summary>Runs every policy with every seed, several at the same time; the order of the results is that of policies and seeds.</summary>
internal static class SimulationJobs
{
    /// <param name="options">What to run.</param>
    /// <param name="capacity">Of one replica.</param>
    /// <param name="progress">Told, from any thread, by what share of all work it has moved on.</param>
    /// <param name="cancellationToken">Ends the runs at their next hundredth.</param>
    public static ImmutableArray<RunResult> Run(SimulateOptions options, ReplicaCapacity capacity, Action<double> progress, CancellationToken cancellationToken)
    {
        var jobs = options.Policies.SelectMany(policy => options.Seeds.Select(seed => (Policy: policy, Seed: seed))).ToArray();
        var results = new RunResult[jobs.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Jobs, CancellationToken = cancellationToken };
        Parallel.For(0, jobs.Length, parallel, i =>
        {
            var (name, seed) = jobs[i];
            var make = PolicyCatalog.Find(name, out var error) ?? throw new InvalidOperationException(error);
            var done = 0.0;
            void Tell(double share)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress((share - done) / jobs.Length);
                done = share;
            }

            var result = new SimulationRun(name, make(options.Scenario, capacity, seed), options.Scenario, capacity, seed).Run(Tell);

            // A day's series takes a megabyte or two; only one seed's is shown.
            results[i] = seed == options.Seeds[0] ? result : result with { Series = [] };
            Tell(1);
        });
        return [.. results];
    }
}
