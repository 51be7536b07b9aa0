using InferenceOperator.Kubernetes.Tests.Caching;
using InferenceOperator.Testing.Simulated;
using Xunit.Abstractions;

return await SimulationProcess.MainAsync(args, new Dictionary<string, Func<ITestOutputHelper, Task>>(StringComparer.Ordinal)
{
    [WatchPropertyTests.Simulation] = WatchPropertyTests.SimulateAsync,
});
