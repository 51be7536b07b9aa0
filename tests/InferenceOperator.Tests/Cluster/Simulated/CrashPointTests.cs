using InferenceOperator.Testing.Simulated;
using Xunit.Abstractions;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>The whole operator, stopped anywhere: nothing is lost, doubled or scaled down, and what comes of it is what comes without a stop.</summary>
public sealed class CrashPointTests(ITestOutputHelper output)
{
    /// <summary>Its name among the simulations.</summary>
    internal const string Simulation = "crash-points";

    private const int Points = 500;

    [Fact]
    public Task Stopped_at_500_points_the_operator_ends_where_it_ends_without_a_stop() => SimulationProcess.RunAsync(typeof(CrashPointTests).Assembly, Simulation, output, Points);

    internal static async Task SimulateAsync(ITestOutputHelper output)
    {
        var undisturbed = new StoryBook();
        await new FuzzRun(output, Simulation) { TimeMax = TimeSpan.FromMinutes(2) }.RunAsync(Points, atOnce: 1, async random =>
        {
            var basis = await undisturbed.OpenAsync(random);
            var plan = CrashPlan.Draw(random, basis);
            output.WriteLine($"story {basis.Story.Number}: {plan}");
            await StoryRun.DisturbedAsync(basis, plan);
        });
    }
}
