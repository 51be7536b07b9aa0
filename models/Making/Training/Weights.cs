using ModelMaking.Clicks;

namespace ModelMaking.Training;

/// <summary>Numbers that are learned, each with its own step size (Adagrad; Duchi, Hazan, Singer, JMLR 2011).</summary>
internal sealed class Weights
{
    private const float Smallest = 1e-6f;

    private readonly float[] _squares;

    /// <param name="count">How many.</param>
    /// <param name="spread">Standard deviation at the start.</param>
    /// <param name="random">Where they start.</param>
    public Weights(int count, double spread, RandomStream random)
    {
        Values = new float[count];
        _squares = new float[count];
        for (var i = 0; i < count && spread > 0; i++)
        {
            Values[i] = (float)(spread * random.NextNormal());
        }
    }

    public float[] Values { get; }

    /// <summary>Steps one of them against its gradient.</summary>
    public void Step(int index, float gradient, float rate)
    {
        var square = _squares[index] += gradient * gradient;
        Values[index] -= rate * gradient / (MathF.Sqrt(square) + Smallest);
    }
}
