using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Tests.Plants;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Observation;

public sealed class LittleCheckTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(50)]
    [InlineData(400)]
    [InlineData(1100)]
    public void Counters_and_gauges_of_one_plant_agree(double rate)
    {
        const int seed = 51;
        var plant = new Plant(seed, Agents.Of(max: 1)) { Rate = _ => rate };
        plant.Run(900);

        // The first two minutes see the batch limit grow and a backlog go.
        var disagreed = plant.Steps.Count(s => s.At > 120 && s.Step.Measurement is Measurement.Measured { Traffic.Disagrees: true });

        output.WriteLine($"seed {seed}: {disagreed} of {plant.Steps.Count} steps disagree");
        Assert.True(disagreed <= 3);
    }

    [Fact]
    public void Counters_that_tell_of_half_the_requests_in_flight_are_found_out_and_nothing_goes_down_by_them()
    {
        var plant = new Plant(seed: 52, Agents.Of(), replicas: 3) { Rate = t => t < 600 ? 3300 : 1200 };
        plant.Relay = (t, samples) => samples.Select(s => s with { Counters = s.Counters with { InFlight = t < 540 ? s.Counters.InFlight : (3 * s.Counters.InFlight) + 40 } });
        plant.Run(600);
        var before = plant.Running;

        plant.Run(400);

        output.WriteLine(plant.Last.Decision.Reason);
        Assert.Equal(before, plant.Running);
        Assert.Contains(Core.Control.GuardRail.MetricsDisagree, plant.Last.Decision.Guards);
    }
}
