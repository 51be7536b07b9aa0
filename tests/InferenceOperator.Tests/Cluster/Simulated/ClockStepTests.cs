using InferenceOperator.Testing.Simulated;
using Xunit.Abstractions;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>The whole operator on a machine whose time of day is set forth and back by hours: it does what it does without, and shows the time of day that there is.</summary>
public sealed class ClockStepTests(ITestOutputHelper output)
{
    /// <summary>Its name among the simulations.</summary>
    internal const string Simulation = "clock-steps";

    private const int Cases = 60;

    [Fact]
    public Task Steps_of_the_time_of_day_change_nothing_but_the_times_that_are_shown() => SimulationProcess.RunAsync(typeof(ClockStepTests).Assembly, Simulation, output);

    internal static async Task SimulateAsync(ITestOutputHelper output)
    {
        var undisturbed = new StoryBook();
        var (without, with) = (0, 0);
        var cases = await new FuzzRun(output, Simulation) { TimeMax = TimeSpan.FromMinutes(2) }.RunAsync(Cases, atOnce: 1, async random =>
        {
            var basis = await undisturbed.OpenAsync(random);
            var steps = Enumerable.Range(0, random.Next(1, 5)).Select(_ => (TimeSpan.FromSeconds(50 * random.NextDouble()), TimeSpan.FromHours((20 * random.NextDouble()) - 10))).ToList();
            var run = await StoryRun.SteppedAsync(basis, random.Next(), steps);
            (without, with) = (without + basis.Writes, with + run.Writes);
        });
        output.WriteLine($"{with} writes of the operator, {without} without steps");
        Assert.True(cases < Cases || Math.Abs(with - without) < without / 10);
    }
}
