using System.Collections.Immutable;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Policy;

/// <summary>What came of reading the manifest of a policy.</summary>
public abstract record PolicyReading
{
    private PolicyReading()
    {
    }

    /// <summary>It is good.</summary>
    public sealed record Accepted(InferencePolicy Policy) : PolicyReading;

    /// <summary>It is not; at least one error.</summary>
    public sealed record Rejected(ImmutableArray<FieldError> Errors) : PolicyReading;
}
