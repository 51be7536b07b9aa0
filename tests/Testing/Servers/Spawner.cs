using System.Collections.Concurrent;
using System.Diagnostics;

namespace InferenceOperator.Testing.Servers;

/// <summary>
/// Starts programs that the kernel kills when this process dies, however it dies.
/// </summary>
/// <remarks>
/// The kernel watches the thread that forked, not the process, and pool threads come and go: so one thread, which lives as
/// long as the process, does all the forking.
/// </remarks>
internal static class Spawner
{
    private static readonly BlockingCollection<Action> Orders = Begin();

    public static Task<Process> StartAsync(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Orders.Add(() =>
        {
            try
            {
                started.SetResult(Start(program, arguments, environment));
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                started.SetException(error);
            }
        });
        return started.Task;
    }

    private static Process Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "--", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private static BlockingCollection<Action> Begin()
    {
        var orders = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var order in orders.GetConsumingEnumerable())
            {
                order();
            }
        })
        {
            IsBackground = true,
            Name = "spawner",
        };
        thread.Start();
        return orders;
    }
}
