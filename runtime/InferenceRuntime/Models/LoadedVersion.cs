namespace InferenceRuntime.Models;

/// <summary>What came of loading a version.</summary>
internal abstract record LoadedVersion
{
    private LoadedVersion()
    {
    }

    /// <summary>It is warm and does not serve yet.</summary>
    /// <param name="Version">Belongs to the receiver, who releases it.</param>
    public sealed record Warm(ServedVersion Version) : LoadedVersion;

    /// <summary>It cannot be served.</summary>
    /// <param name="Reason">Why, without a path.</param>
    public sealed record Rejected(string Reason) : LoadedVersion;
}
