using ModelMaking.Clicks;

namespace ModelMaking.Training;

/// <summary>Which items somebody who clicked these will click next: the mean of their embeddings, two layers, and a score for each item.</summary>
/// <remarks>Learns by a softmax over the item that was clicked and others drawn at random. Source of the shape: Covington, Adams, Sargin, "Deep Neural Networks for YouTube Recommendations", RecSys 2016.</remarks>
internal sealed class RecommenderModel
{
    /// <summary>Length of an embedding.</summary>
    public const int Width = 16;

    private const int OthersDrawn = 100;
    private const float EmbeddingRate = 0.2f;

    private readonly RandomStream _random;

    public RecommenderModel(ulong seed)
    {
        _random = new RandomStream(seed);
        Items = ClickFields.Sizes[(int)ClickField.Item];
        Inputs = new Weights((Items + 1) * Width, 0.1, _random);
        Outputs = new Weights((Items + 1) * Width, 0.1, _random);
        Biases = new Weights(Items + 1, 0, _random);
        Layers = [new DenseLayer(Width, 32, rectified: true, _random), new DenseLayer(32, Width, rectified: false, _random)];
    }

    public int Items { get; }

    /// <summary>[items + 1, width]; row 0 stands for nothing and is not used.</summary>
    public Weights Inputs { get; }

    /// <summary>[items + 1, width], what a score is the product with.</summary>
    public Weights Outputs { get; }

    /// <summary>[items + 1].</summary>
    public Weights Biases { get; }

    public IReadOnlyList<DenseLayer> Layers { get; }

    /// <summary>Learns from each click once, in order.</summary>
    public void Learn(ReadOnlySpan<NextClick> clicks) => new MiniBatches(Layers).Learn(clicks, Learn);

    private void Learn(NextClick click)
    {
        var count = click.History.Count(static item => item > 0);
        var mean = new float[Width];
        foreach (var item in click.History.AsSpan(0, count))
        {
            for (var k = 0; k < Width; k++)
            {
                mean[k] += Inputs.Values[(item * Width) + k] / count;
            }
        }

        var hidden = Layers[0].Forward(mean);
        var query = Layers[1].Forward(hidden);
        var gradient = LearnScores(click.Next, query);
        var back = Layers[0].Backward(mean, hidden, Layers[1].Backward(hidden, query, gradient));
        foreach (var item in click.History.AsSpan(0, count))
        {
            for (var k = 0; k < Width; k++)
            {
                Inputs.Step((item * Width) + k, back[k] / count, EmbeddingRate);
            }
        }
    }

    /// <summary>Steps the scores of the clicked item and of others; answers with the gradient of the query.</summary>
    private float[] LearnScores(int next, float[] query)
    {
        var items = new int[OthersDrawn + 1];
        var shares = new double[items.Length];
        var sum = 0.0;
        for (var j = 0; j < items.Length; j++)
        {
            items[j] = j == 0 ? next : 1 + _random.Next(Items);
            var score = Biases.Values[items[j]];
            for (var k = 0; k < Width; k++)
            {
                score += Outputs.Values[(items[j] * Width) + k] * query[k];
            }

            sum += shares[j] = ExactMath.Exp(score);
        }

        var gradient = new float[Width];
        for (var j = 0; j < items.Length; j++)
        {
            var error = (float)((shares[j] / sum) - (j == 0 ? 1 : 0));
            for (var k = 0; k < Width; k++)
            {
                var at = (items[j] * Width) + k;
                gradient[k] += error * Outputs.Values[at];
                Outputs.Step(at, error * query[k], EmbeddingRate);
            }

            Biases.Step(items[j], error, EmbeddingRate);
        }

        return gradient;
    }
}
