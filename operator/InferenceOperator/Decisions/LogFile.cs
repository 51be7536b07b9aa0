namespace InferenceOperator.Decisions;

/// <summary>Opens decision logs.</summary>
internal static class LogFile
{
    /// <summary>Stands for the standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>Opens a log, also one that is being written.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static Stream Open(string path) => path == StandardInput
        ? Console.OpenStandardInput()
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
