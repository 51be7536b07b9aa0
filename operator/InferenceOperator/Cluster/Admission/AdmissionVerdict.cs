using System.Collections.Immutable;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Cluster.Admission;

/// <summary>What becomes of a request.</summary>
/// <param name="Errors">Why it is refused; empty: it is allowed.</param>
/// <param name="Warnings">What its sender is told beside.</param>
internal sealed record AdmissionVerdict(ImmutableArray<FieldError> Errors, ImmutableArray<string> Warnings)
{
    /// <summary>Nothing to say.</summary>
    public static AdmissionVerdict Allowed { get; } = new([], []);

    public bool IsAllowed => Errors.IsEmpty;
}
