using System.Diagnostics;
using InferenceOperator.Local.Replicas;

namespace InferenceOperator.Tests.Local;

/// <summary>The command as a person starts it: a process of its own.</summary>
public sealed class LocalCommandTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("local-command-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_prints_a_curl_line_that_works_as_pasted_and_ends_with_0_when_told_to_stop()
    {
        using var process = Start("local", Repository.File("config", "samples", "digits.yaml"),
            "--port", "0", "--state-dir", _folder, "--runtime", Repository.Program("InferenceRuntime", "inference-runtime"));
        string? curl = null;
        while (curl is null && await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            curl = line.Contains("  curl ", StringComparison.Ordinal) ? line.Trim() : null;
        }

        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", curl ?? "exit 1"]) { RedirectStandardOutput = true })!;
        var reply = await shell.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        Signals.Terminate(process.Id);
        var rest = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Contains("\"logits\"", reply, StringComparison.Ordinal);
        Assert.Contains("stopped", rest, StringComparison.Ordinal);
        Assert.Equal(0, process.ExitCode);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_folder, "replicas")));
    }

    [Fact]
    public async Task A_path_without_an_agent_is_refused()
    {
        using var process = Start("local", _folder, "--port", "0", "--state-dir", Path.Combine(_folder, "state"),
            "--runtime", Repository.Program("InferenceRuntime", "inference-runtime"));

        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Contains("declares no InferenceAgent", errors, StringComparison.Ordinal);
        Assert.Equal(1, process.ExitCode);
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo(Repository.Program("InferenceOperator", "inference-operator"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
