using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace InferenceOperator.Demo;

/// <summary>Runs <c>inference-runtime</c> as a tool: reference answers, and load.</summary>
internal sealed class LoadProcess(string program, IEnumerable<string> first)
{
    /// <summary>Runs the program and gives the lines it prints as they come.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="statuses">Exit statuses that are no failure.</param>
    /// <param name="signal">When it completes, the program gets an empty line on its standard input; null: that ends at once.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="InvalidOperationException">It ended with another status; the message holds what it said.</exception>
    public async IAsyncEnumerable<string> LinesAsync(
        IEnumerable<string> arguments, int[] statuses, Task? signal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in first.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        try
        {
            if (signal is null)
            {
                process.StandardInput.Close();
            }
            else
            {
                _ = PassOnAsync(signal, process.StandardInput, cancellationToken);
            }

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

    private static async Task PassOnAsync(Task signal, StreamWriter input, CancellationToken cancellationToken)
    {
        try
        {
            await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
            await input.WriteLineAsync().ConfigureAwait(false);
            await input.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The program has ended: nobody is left to tell.
        }
    }
}
