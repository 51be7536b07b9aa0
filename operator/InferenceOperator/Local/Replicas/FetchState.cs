using System.Collections.Immutable;

namespace InferenceOperator.Local.Replicas;

/// <summary>How far the bringing of an agent's models has come.</summary>
internal abstract record FetchState
{
    private FetchState()
    {
    }

    /// <summary>They are here.</summary>
    /// <param name="Paths">File of each by its name in the runtime.</param>
    public sealed record Brought(ImmutableDictionary<string, string> Paths) : FetchState;

    /// <summary>They are on their way.</summary>
    /// <param name="Progress">For people.</param>
    public sealed record Underway(string Progress) : FetchState;

    /// <summary>They could not be brought; it is tried again.</summary>
    /// <param name="Reason">In the words of what tried.</param>
    /// <param name="IsRefusal">True: trying again helps only when something changes.</param>
    public sealed record Failed(string Reason, bool IsRefusal) : FetchState;
}
