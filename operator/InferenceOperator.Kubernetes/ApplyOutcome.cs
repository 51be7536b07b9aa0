using System.Collections.Immutable;

namespace InferenceOperator.Kubernetes;

/// <summary>What came of a server-side apply.</summary>
public abstract record ApplyOutcome<T>
{
    private ApplyOutcome()
    {
    }

    /// <summary>The object now holds the applied fields. When nothing had to change, its resource version is what it was.</summary>
    public sealed record Applied(ApiObject<T> Object) : ApplyOutcome<T>;

    /// <summary>Nothing was written: others own some of the fields and hold other values.</summary>
    public sealed record Conflicted(ImmutableArray<FieldConflict> Conflicts, string Message) : ApplyOutcome<T>;
}
