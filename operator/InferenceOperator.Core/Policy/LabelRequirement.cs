namespace InferenceOperator.Core.Policy;

/// <summary>A requirement on one label.</summary>
/// <remarks>Source: Kubernetes API, meta/v1 LabelSelectorRequirement. An object without the label fulfils <c>NotIn</c>.</remarks>
public sealed record LabelRequirement
{
    public required string Key { get; init; }

    public required LabelOperator Operator { get; init; }

    /// <summary>At least one for <c>In</c> and <c>NotIn</c>, none for the others. Not to be changed in place.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <param name="labels">Labels of an object; null: it has none.</param>
    public bool HoldsFor(IReadOnlyDictionary<string, string>? labels)
    {
        var value = labels is not null && labels.TryGetValue(Key, out var found) ? found : null;
        return Operator switch
        {
            LabelOperator.In => value is not null && (Values ?? []).Contains(value, StringComparer.Ordinal),
            LabelOperator.NotIn => value is null || !(Values ?? []).Contains(value, StringComparer.Ordinal),
            LabelOperator.Exists => value is not null,
            LabelOperator.DoesNotExist => value is null,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
