using System.Collections.Immutable;

namespace InferenceRuntime.Core.Serving;

/// <summary>What a repository says when asked for a model.</summary>
public abstract record ModelLookup
{
    private ModelLookup()
    {
    }

    /// <summary>It answers. One object for each version for as long as it serves: callers may keep what they derive from it.</summary>
    /// <param name="Engine">Who answers.</param>
    public sealed record Found(IInferenceEngine Engine) : ModelLookup;

    /// <summary>There is no model of this name.</summary>
    public sealed record UnknownModel : ModelLookup;

    /// <summary>The model is known, the version is not.</summary>
    /// <param name="Versions">Those that are, ascending.</param>
    public sealed record UnknownVersion(ImmutableArray<string> Versions) : ModelLookup;

    /// <summary>It is known and does not answer now.</summary>
    /// <param name="Reason">Text fit for the client.</param>
    public sealed record NotReady(string Reason) : ModelLookup;
}
