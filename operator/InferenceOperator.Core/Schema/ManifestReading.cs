using System.Collections.Immutable;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>What came of reading a manifest.</summary>
public abstract record ManifestReading
{
    private ManifestReading()
    {
    }

    /// <summary>Good; defaults are filled in.</summary>
    public sealed record Accepted(InferenceAgent Agent) : ManifestReading;

    /// <summary>Not served; at least one error.</summary>
    public sealed record Rejected(ImmutableArray<FieldError> Errors) : ManifestReading;
}
