namespace InferenceRuntime.Contract;

/// <summary>Values of the label <c>result</c> on the shadowing metrics; a closed set.</summary>
public static class ShadowResults
{
    /// <summary>Rows: the answers are the same within the tolerance of their type.</summary>
    public const string Agreed = "agreed";

    /// <summary>Rows: they are not, or the other model failed.</summary>
    public const string Differed = "differed";

    /// <summary>Rows: they have other shapes or types.</summary>
    public const string Incomparable = "incomparable";

    /// <summary>Requests: the other replica took it.</summary>
    public const string Sent = "sent";

    /// <summary>Requests: there was no room for it.</summary>
    public const string Dropped = "dropped";

    /// <summary>Requests: the other replica could not be reached, or did not take it.</summary>
    public const string Failed = "failed";
}
