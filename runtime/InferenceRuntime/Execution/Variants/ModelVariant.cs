namespace InferenceRuntime.Execution.Variants;

/// <summary>One form of a model that is resident: the full one, or one made smaller or faster.</summary>
/// <param name="Name">Its name in the settings.</param>
/// <param name="Engine">Who answers for it.</param>
internal sealed record ModelVariant(string Name, BatchingEngine Engine);
