namespace InferenceRuntime.Commands;

/// <summary>Exit codes of the program.</summary>
internal static class ExitCodes
{
    /// <summary>All done; for a replica: drained, nothing left unanswered.</summary>
    public const int Done = 0;

    /// <summary>A port could not be bound, or the replica was stopped before everything was answered.</summary>
    public const int Failed = 1;

    /// <summary>An argument or the settings file is wrong.</summary>
    public const int BadArguments = 2;

    /// <summary>The model cannot be served.</summary>
    public const int ModelRejected = 3;
}
