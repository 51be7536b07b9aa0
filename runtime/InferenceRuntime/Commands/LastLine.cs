namespace InferenceRuntime.Commands;

/// <summary>The one line that says why a command failed: to whoever reads its errors, and to Kubernetes, which shows it in the pod's status.</summary>
/// <param name="errors">Receives it.</param>
/// <param name="terminationLogPath">File that receives it as well; null: none. One that cannot be written is said, and changes nothing else.</param>
internal sealed class LastLine(TextWriter errors, string? terminationLogPath)
{
    /// <summary>Writes it, even when the command has been told to stop.</summary>
    /// <param name="reason">Line endings in it become spaces.</param>
    public async Task WriteAsync(string reason)
    {
        var line = reason.ReplaceLineEndings(" ");
        await errors.WriteLineAsync(line).ConfigureAwait(false);
        if (terminationLogPath is null)
        {
            return;
        }

        try
        {
            await File.WriteAllTextAsync(terminationLogPath, line, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"--termination-log: {e.Message}").ConfigureAwait(false);
        }
    }
}
