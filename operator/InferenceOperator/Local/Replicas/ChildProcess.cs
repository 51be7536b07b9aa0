using System.Diagnostics;

namespace InferenceOperator.Local.Replicas;

/// <summary>A running child process, whose output goes to a log.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process, Task<int> exited)
    {
        _process = process;
        Pid = process.Id;
        Exited = exited;
    }

    /// <summary>Its process id; not to be signalled after <see cref="Exited"/> has completed.</summary>
    public int Pid { get; }

    /// <summary>Completes with the exit code (128 + signal when a signal ended it), after the last line of output was logged.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts the process. Must be called on a thread that outlives the child (see <see cref="ChildSpawner"/>).</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static ChildProcess Start(ChildCommand command)
    {
        var start = new ProcessStartInfo(command.Program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory,
        };
        foreach (var argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command.Program} was not started");
        process.StandardInput.Close();
        return new ChildProcess(process, WatchAsync(process, command.Output));
    }

    /// <summary>Sends SIGTERM unless it has ended.</summary>
    public void Terminate()
    {
        if (!Exited.IsCompleted)
        {
            Signals.Terminate(Pid);
        }
    }

    /// <summary>Sends SIGKILL unless it has ended.</summary>
    public void Kill()
    {
        if (!Exited.IsCompleted)
        {
            Signals.Kill(Pid);
        }
    }

    public void Dispose() => _process.Dispose();

    private static async Task<int> WatchAsync(Process process, Action<string> output)
    {
        var lines = Task.WhenAll(CopyAsync(process.StandardOutput, output), CopyAsync(process.StandardError, output));
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        await lines.ConfigureAwait(false);
        return process.ExitCode;
    }

    private static async Task CopyAsync(StreamReader reader, Action<string> output)
    {
        const int lineMax = 4096;
        var line = new System.Text.StringBuilder();
        var buffer = new char[lineMax];
        int count;
        while ((count = await reader.ReadAsync(buffer, CancellationToken.None).ConfigureAwait(false)) > 0)
        {
            foreach (var character in buffer.AsMemory(0, count).ToArray())
            {
                // A line longer than the limit is cut in pieces.
                if (character == '\n' || line.Length == lineMax)
                {
                    output(line.ToString().TrimEnd('\r'));
                    line.Clear();
                }

                if (character != '\n')
                {
                    line.Append(character);
                }
            }
        }

        if (line.Length > 0)
        {
            output(line.ToString());
        }
    }
}
