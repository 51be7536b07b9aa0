using System.Collections.Immutable;

namespace InferenceOperator.Core.Policy;

/// <summary>Kubernetes' selector of objects by their labels: everything in it has to hold; an empty one selects all.</summary>
/// <remarks>Source: Kubernetes API, meta/v1 LabelSelector.</remarks>
public sealed record LabelSelector
{
    /// <summary>Labels that have to be there with these values.</summary>
    public ImmutableSortedDictionary<string, string>? MatchLabels { get; init; }

    /// <summary>Further requirements; not to be changed in place.</summary>
    public IReadOnlyList<LabelRequirement>? MatchExpressions { get; init; }

    /// <param name="labels">Labels of an object; null: it has none.</param>
    public bool Selects(IReadOnlyDictionary<string, string>? labels) =>
        (MatchLabels ?? ImmutableSortedDictionary<string, string>.Empty).All(wanted => labels is not null && labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
        && (MatchExpressions ?? []).All(requirement => requirement.HoldsFor(labels));
}
