using InferenceOperator.Testing.Simulated;
using Xunit.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Leases;

public sealed class LeaseSimulationTests(ITestOutputHelper output)
{
    [Fact]
    public Task Killed_cut_off_and_stubborn_replicas_hand_over_in_time_and_never_do_two_work() => SimulationProcess.RunAsync(typeof(LeaseSimulationTests).Assembly, LeaseSimulation.Simulation, output);
}
