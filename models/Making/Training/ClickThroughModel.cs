using ModelMaking.Clicks;

namespace ModelMaking.Training;

/// <summary>How likely a click is: factorization machine and multi-layer perceptron over shared embeddings.</summary>
/// <remarks>Source: Guo, Tang, Ye, Li, He, "DeepFM: A Factorization-Machine based Neural Network for CTR Prediction", IJCAI 2017.</remarks>
internal sealed class ClickThroughModel
{
    /// <summary>Length of an embedding.</summary>
    public const int Width = 8;

    private const float EmbeddingRate = 0.1f;

    public ClickThroughModel(ulong seed)
    {
        var random = new RandomStream(seed);
        Embeddings = new Weights(ClickFields.Vocabulary * Width, 0.1, random);
        First = new Weights(ClickFields.Vocabulary, 0, random);
        Bias = new Weights(1, 0, random);
        Layers =
        [
            new DenseLayer(ClickFields.Count * Width, 32, rectified: true, random),
            new DenseLayer(32, 16, rectified: true, random),
            new DenseLayer(16, 1, rectified: false, random),
        ];
    }

    /// <summary>[vocabulary, width].</summary>
    public Weights Embeddings { get; }

    /// <summary>[vocabulary], the weight of each value by itself.</summary>
    public Weights First { get; }

    public Weights Bias { get; }

    public IReadOnlyList<DenseLayer> Layers { get; }

    /// <summary>Learns from each impression once, in order.</summary>
    public void Learn(ReadOnlySpan<Impression> log) => new MiniBatches(Layers).Learn(log, Learn);

    /// <summary>The probability of a click.</summary>
    public double Predict(int[] ids) => ExactMath.Sigmoid(Run(ids).Logit);

    private Pass Run(int[] ids)
    {
        var embedded = new float[ids.Length * Width];
        var sums = new float[Width];
        var logit = Bias.Values[0];
        for (var f = 0; f < ids.Length; f++)
        {
            logit += First.Values[ids[f]];
            for (var k = 0; k < Width; k++)
            {
                var value = Embeddings.Values[(ids[f] * Width) + k];
                embedded[(f * Width) + k] = value;
                sums[k] += value;
                logit -= 0.5f * value * value;
            }
        }

        for (var k = 0; k < Width; k++)
        {
            logit += 0.5f * sums[k] * sums[k];
        }

        var first = Layers[0].Forward(embedded);
        var second = Layers[1].Forward(first);
        var last = Layers[2].Forward(second);
        return new Pass(embedded, sums, first, second, last, logit + last[0]);
    }

    private void Learn(Impression impression)
    {
        var pass = Run(impression.Ids);
        var error = (float)(ExactMath.Sigmoid(pass.Logit) - (impression.Clicked ? 1 : 0));
        var second = Layers[2].Backward(pass.Second, pass.Last, [error]);
        var first = Layers[1].Backward(pass.First, pass.Second, second);
        var embedded = Layers[0].Backward(pass.Embedded, pass.First, first);
        Bias.Step(0, error, EmbeddingRate);
        for (var f = 0; f < impression.Ids.Length; f++)
        {
            var id = impression.Ids[f];
            First.Step(id, error, EmbeddingRate);
            for (var k = 0; k < Width; k++)
            {
                var gradient = embedded[(f * Width) + k] + (error * (pass.Sums[k] - pass.Embedded[(f * Width) + k]));
                Embeddings.Step((id * Width) + k, gradient, EmbeddingRate);
            }
        }
    }

    private sealed record Pass(float[] Embedded, float[] Sums, float[] First, float[] Second, float[] Last, float Logit);
}
