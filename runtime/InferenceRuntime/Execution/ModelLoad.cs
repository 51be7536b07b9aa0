using InferenceRuntime.Execution.Variants;

namespace InferenceRuntime.Execution;

/// <summary>What came of loading a model.</summary>
internal abstract record ModelLoad
{
    private ModelLoad()
    {
    }

    /// <summary>The model is warm and answers.</summary>
    /// <param name="Engine">Belongs to the receiver, who disposes it.</param>
    /// <param name="Facts">What was found while loading.</param>
    public sealed record Loaded(BatchingEngine Engine, ModelFacts Facts) : ModelLoad;

    /// <summary>The model and its variants are warm and answer.</summary>
    /// <param name="Engine">Belongs to the receiver, who disposes it.</param>
    /// <param name="Facts">What was found while loading the full model.</param>
    public sealed record LoadedVariants(VariantEngine Engine, ModelFacts Facts) : ModelLoad;

    /// <summary>The model cannot be served.</summary>
    /// <param name="Reason">What is wrong and where, fit for a condition or a log; never a stack trace.</param>
    public sealed record Rejected(string Reason) : ModelLoad;
}
