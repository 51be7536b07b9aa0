namespace ModelMaking.Training;

/// <summary>Learning in order, with a step of the layers after every 32 examples.</summary>
/// <param name="layers">The layers that step.</param>
internal sealed class MiniBatches(IReadOnlyList<DenseLayer> layers)
{
    private const float LayerRate = 0.02f;
    private const int ExamplesAStep = 32;

    /// <param name="examples">What is learned from. The gradients of a rest that is too short for a step stay for the first step of the next call.</param>
    /// <param name="learn">Adds one example to the gradients.</param>
    public void Learn<T>(ReadOnlySpan<T> examples, Action<T> learn)
    {
        var pending = 0;
        foreach (var example in examples)
        {
            learn(example);
            if (++pending == ExamplesAStep)
            {
                foreach (var layer in layers)
                {
                    layer.Step(pending, LayerRate);
                }

                pending = 0;
            }
        }
    }
}
