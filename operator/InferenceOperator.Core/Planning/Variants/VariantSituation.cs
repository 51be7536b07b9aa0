namespace InferenceOperator.Core.Planning.Variants;

/// <summary>What the choice of a variant for good looks at.</summary>
internal sealed record VariantSituation
{
    /// <summary>Demand: the most within the scale-down window, so that a lull does not change the variant. Null: traffic is unknown.</summary>
    public required PlanQuestion? Question { get; init; }

    /// <summary>Who answers now.</summary>
    public required VariantChoice Current { get; init; }

    /// <summary>What the manifest declares and allows, measured or not.</summary>
    public required IReadOnlyList<ModelOption> Options { get; init; }

    public double? AccuracyFloor { get; init; }

    public required int Ready { get; init; }

    /// <summary>Usual time from wanted to ready.</summary>
    public TimeSpan StartUp { get; init; }

    /// <summary>How long traffic has been known without a gap.</summary>
    public TimeSpan KnownFor { get; init; }

    /// <summary>Time since the variant was last changed; null: never.</summary>
    public TimeSpan? SinceChange { get; init; }
}
