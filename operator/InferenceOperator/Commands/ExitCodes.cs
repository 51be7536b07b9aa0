namespace InferenceOperator.Commands;

/// <summary>Exit codes of the program.</summary>
internal static class ExitCodes
{
    /// <summary>All done.</summary>
    public const int Done = 0;

    /// <summary>It could not be done.</summary>
    public const int Failed = 1;

    /// <summary>An argument is wrong.</summary>
    public const int BadArguments = 2;

    /// <summary>An agent misses its SLO, or answers no request.</summary>
    public const int SloNotHeld = 3;

    /// <summary>An agent needs a look for another reason.</summary>
    public const int NeedsAttention = 4;

    /// <summary>Stopped at once by a second signal.</summary>
    public const int Interrupted = 130;
}
