using System.Diagnostics;
using System.Globalization;

namespace InferenceOperator.Benchmarks.Processes;

/// <summary>A child process bound to one core, so that server and load do not take each other's time.</summary>
internal sealed class PinnedProcess : IDisposable
{
    private const double TicksPerSecond = 100;   // USER_HZ, fixed in Linux's ABI

    private readonly Process _process;

    private PinnedProcess(Process process) => _process = process;

    /// <summary>Processor seconds, user and system, that the process has used so far.</summary>
    public double CpuSeconds
    {
        get
        {
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');   // proc(5): fields 14 and 15 are utime and stime
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>Resident memory, bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            const string Field = "VmRSS:";
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(static line => line.StartsWith(Field, StringComparison.Ordinal));
            return long.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10;
        }
    }

    /// <summary>Open file descriptors.</summary>
    public int Handles => Directory.EnumerateFileSystemEntries($"/proc/{_process.Id}/fd").Count();

    /// <summary>Starts <paramref name="program"/> on <paramref name="core"/>; what it prints on standard output can be read.</summary>
    public static PinnedProcess Start(int core, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("taskset") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(core.ToString(CultureInfo.InvariantCulture));
        start.ArgumentList.Add(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        return new PinnedProcess(process);
    }

    /// <summary>Waits for the process to end and gives what it printed.</summary>
    /// <exception cref="InvalidOperationException">It ended with another status than 0; the message holds what it said.</exception>
    public async Task<string> CompletedAsync(CancellationToken cancellationToken)
    {
        var errors = _process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[2]} ended with {_process.ExitCode}: {await errors} {output}");
    }

    /// <summary>Writes a line to the process's standard input.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    public async Task WriteLineAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    /// <summary>The next line that the process prints.</summary>
    /// <exception cref="InvalidOperationException">It ended first; the message holds what it said.</exception>
    public async Task<string> LineAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken)
        ?? throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[2]} ended early: {await _process.StandardError.ReadToEndAsync(cancellationToken)}");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
