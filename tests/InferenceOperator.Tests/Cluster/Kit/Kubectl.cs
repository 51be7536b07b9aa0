using System.Diagnostics;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>The real kubectl.</summary>
internal static class Kubectl
{
    /// <summary>Its file; null where it is not installed.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(static folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists);

    /// <summary>Runs it and answers with its exit code and all that it printed.</summary>
    public static async Task<(int Code, string Text)> RunAsync(string kubeconfig, string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program!, ["--kubeconfig", kubeconfig, .. arguments]) // Tests that need it are skipped without it.
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!; // A new process, not a reused one.
        using var patience = Patience.Start();
        await process.StandardInput.WriteAsync((input ?? "").AsMemory(), patience.Token);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await errors);
    }
}
