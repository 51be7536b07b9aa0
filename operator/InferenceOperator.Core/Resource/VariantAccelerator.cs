namespace InferenceOperator.Core.Resource;

/// <summary>On what a variant really runs.</summary>
public sealed record VariantAccelerator
{
    /// <summary>The variant; <c>full</c> is the model itself.</summary>
    public string Name { get => field ?? ""; init; } = "";

    /// <summary>As <see cref="AcceleratorStatus.Provider"/>.</summary>
    public string Provider { get => field ?? ""; init; } = "";

    /// <summary>As <see cref="AcceleratorStatus.OnAccelerator"/>.</summary>
    public string? OnAccelerator { get; init; }
}
