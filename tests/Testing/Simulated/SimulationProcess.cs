using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace InferenceOperator.Testing.Simulated;

/// <summary>Runs a simulation of a test project in a process whose thread pool has a single worker: see <see cref="Timeline"/>.</summary>
/// <remarks>By hand: <c>DOTNET_ThreadPool_ForceMinWorkerThreads=1 DOTNET_ThreadPool_ForceMaxWorkerThreads=1 dotnet THE.Tests.dll NAME</c>.</remarks>
public static class SimulationProcess
{
    private const string Variable = "DOTNET_ThreadPool_Force";

    /// <summary>More would only wait for one another's compilation.</summary>
    private const int ProcessesMax = 4;

    private static readonly string[] FuzzVariables = ["FUZZ_SEED", "FUZZ_CASES", "FUZZ_MINUTES"];

    /// <summary>The longest that one may run on the machine's clock.</summary>
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(9);

    /// <summary>Called by the entry point of a test project.</summary>
    /// <param name="args">Of the process.</param>
    /// <param name="simulations">By name, what there is.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> MainAsync(string[] args, IReadOnlyDictionary<string, Func<ITestOutputHelper, Task>> simulations)
    {
        ArgumentNullException.ThrowIfNull(simulations);
        if (args is not [var name] || !simulations.TryGetValue(name, out var simulate))
        {
            await Console.Error.WriteLineAsync($"one of {string.Join(", ", simulations.Keys)} is needed");
            return 2;
        }

        try
        {
            await Task.Run(() => simulate(new ToConsole()));
            return 0;
        }
#pragma warning disable CA1031 // The edge of the process: whatever was found is shown.
        catch (Exception found)
        {
            await Console.Error.WriteLineAsync(found.ToString());
            return 1;
        }
#pragma warning restore CA1031
    }

    /// <summary>Runs the simulation of this name in the test project's assembly, and fails with what it found.</summary>
    public static Task RunAsync(Assembly tests, string name, ITestOutputHelper output) => RunAsync(tests, name, output, ImmutableDictionary<string, string>.Empty);

    /// <summary>The same with its cases divided over a process for each core, where nothing is said of which are to be tried.</summary>
    public static Task RunAsync(Assembly tests, string name, ITestOutputHelper output, int cases)
    {
        if (FuzzVariables.Any(static variable => Environment.GetEnvironmentVariable(variable) is not null))
        {
            return RunAsync(tests, name, output);
        }

        var processes = Math.Clamp(Environment.ProcessorCount, 1, ProcessesMax);
        return Task.WhenAll(Enumerable.Range(0, processes).Select(i =>
        {
            var first = cases * i / processes;
            var fuzz = ImmutableDictionary.Create<string, string>()
                .Add("FUZZ_SEED", (FuzzRun.FirstSeed + first).ToString(CultureInfo.InvariantCulture))
                .Add("FUZZ_CASES", ((cases * (i + 1) / processes) - first).ToString(CultureInfo.InvariantCulture));
            return RunAsync(tests, name, output, fuzz);
        }));
    }

    private static async Task RunAsync(Assembly tests, string name, ITestOutputHelper output, ImmutableDictionary<string, string> variables)
    {
        ArgumentNullException.ThrowIfNull(tests);
        ArgumentNullException.ThrowIfNull(output);
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [tests.Location, name])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in variables.Add(Variable + "MinWorkerThreads", "1").Add(Variable + "MaxWorkerThreads", "1"))
        {
            start.Environment[variable] = value;
        }

        using var process = Process.Start(start) ?? throw new XunitException("no process was started");
        using var limit = new CancellationTokenSource(TimeMax, TimeProvider.System);
        try
        {
            var said = process.StandardOutput.ReadToEndAsync(limit.Token);
            var found = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            output.WriteLine(await said);
            if (process.ExitCode != 0)
            {
                throw new XunitException(await found);
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private sealed class ToConsole : ITestOutputHelper
    {
        public void WriteLine(string message) => Console.WriteLine(message);

        public void WriteLine(string format, params object[] args) => Console.WriteLine(format, args);
    }
}
