namespace InferenceRuntime.Core.Serving;

/// <summary>What became of a load or an unload.</summary>
public abstract record RepositoryChange
{
    private RepositoryChange()
    {
    }

    /// <summary>It is done.</summary>
    public sealed record Done : RepositoryChange;

    /// <summary>There is no model of this name.</summary>
    public sealed record UnknownModel : RepositoryChange;

    /// <summary>It was not done; what served before serves on.</summary>
    /// <param name="Reason">Text fit for the client.</param>
    public sealed record Refused(string Reason) : RepositoryChange;

    /// <summary>This server's models are fixed at start.</summary>
    public sealed record Fixed : RepositoryChange;
}
