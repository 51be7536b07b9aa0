using InferenceOperator.Testing.Simulated;
using InferenceOperator.Tests.Cluster.Simulated;
using Xunit.Abstractions;

return await SimulationProcess.MainAsync(args, new Dictionary<string, Func<ITestOutputHelper, Task>>(StringComparer.Ordinal)
{
    [ClockStepTests.Simulation] = ClockStepTests.SimulateAsync,
    [CrashPointTests.Simulation] = CrashPointTests.SimulateAsync,
});
