namespace InferenceRuntime.Execution.Providers;

/// <summary>What was asked for.</summary>
internal abstract record ProviderWish
{
    private ProviderWish()
    {
    }

    /// <summary>The best that is there: TensorRT where engines of the model lie ready, else CUDA, else the CPU.</summary>
    public sealed record Auto : ProviderWish;

    /// <summary>This one and no other.</summary>
    public sealed record Demanded(ExecutionProvider Provider) : ProviderWish;
}
