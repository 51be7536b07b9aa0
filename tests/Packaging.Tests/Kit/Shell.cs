using System.Diagnostics;

namespace Packaging.Tests.Kit;

/// <summary>Runs programs.</summary>
internal static class Shell
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(3);

    /// <summary>The file of a program on the PATH; null where it is not installed.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its file, or its name on the PATH.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<ShellResult> RunAsync(string program, string? input, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        using var process = Process.Start(start)!; // A new process, not a reused one.
        using var patience = new CancellationTokenSource(PatienceMax, TimeProvider.System);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        await process.StandardInput.WriteAsync((input ?? "").AsMemory(), patience.Token);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new ShellResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Runs it and answers with what it printed.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">It failed.</exception>
    public static async Task<string> OutputOfAsync(string program, string? input, params IEnumerable<string> arguments)
    {
        var result = await RunAsync(program, input, arguments);
        Assert.True(result.Code == 0, $"{program} {string.Join(' ', arguments)} ended with {result.Code}: {result.Errors}{result.Output}");
        return result.Output;
    }
}
