using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace InferenceOperator.Demo;

/// <summary>Runs <c>inference-runtime</c> as a tool: reference answers, and load.</summary>
internal sealed class LoadProcess(string program, IEnumerable<string> first)
{
    /// <summary>Runs the program to its end.</summary>
    /// <exception cref="InvalidOperationException">It ended with another status than 0; the message holds what it said.</exception>
    public async Task RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        await foreach (var line in LinesAsync(arguments, [0], cancellationToken))
        {
            Debug.Assert(line is not null);
        }
    }

    /// <summary>Runs the program and gives the lines it prints as they come.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="statuses">Exit statuses that are no failure.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="InvalidOperationException">It ended with another status; the message holds what it said.</exception>
    public async IAsyncEnumerable<string> LinesAsync(
        IEnumerable<string> arguments, int[] statuses, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in first.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                yield return line;
            }

            await process.WaitForExitAsync(cancellationToken);
            if (!statuses.Contains(process.ExitCode))
            {
                throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {await errors}");
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
