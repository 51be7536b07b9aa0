using InferenceOperator.Kubernetes.Tests.Caching;
using InferenceOperator.Kubernetes.Tests.Leases;
using InferenceOperator.Testing.Simulated;
using Xunit.Abstractions;

return await SimulationProcess.MainAsync(args, new Dictionary<string, Func<ITestOutputHelper, Task>>(StringComparer.Ordinal)
{
    [LeaseSimulation.Simulation] = LeaseSimulation.SimulateAsync,
    [WatchPropertyTests.Simulation] = WatchPropertyTests.SimulateAsync,
});
