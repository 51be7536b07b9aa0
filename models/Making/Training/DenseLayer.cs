using ModelMaking.Clicks;

namespace ModelMaking.Training;

/// <summary>y = W·x + b, optionally with max(y, 0); learns in steps of several examples.</summary>
/// <param name="inputs">Length of x.</param>
/// <param name="outputs">Length of y.</param>
/// <param name="rectified">Whether negative values become 0.</param>
/// <param name="random">Where the weights start.</param>
internal sealed class DenseLayer(int inputs, int outputs, bool rectified, RandomStream random)
{
    private readonly float[] _weightGradients = new float[inputs * outputs];
    private readonly float[] _biasGradients = new float[outputs];

    /// <summary>Row-major, [outputs, inputs].</summary>
    public Weights Matrix { get; } = new(inputs * outputs, Math.Sqrt(2.0 / inputs), random);

    public Weights Bias { get; } = new(outputs, 0, random);

    public int Inputs => inputs;

    public int Outputs => outputs;

    public float[] Forward(float[] x)
    {
        var y = new float[outputs];
        for (var o = 0; o < outputs; o++)
        {
            var sum = Bias.Values[o];
            for (var i = 0; i < inputs; i++)
            {
                sum += Matrix.Values[(o * inputs) + i] * x[i];
            }

            y[o] = rectified && sum < 0 ? 0 : sum;
        }

        return y;
    }

    /// <summary>Adds to the gradients of the weights; answers with that of x.</summary>
    /// <param name="x">What went in.</param>
    /// <param name="y">What came out.</param>
    /// <param name="gradient">The loss' gradient by y.</param>
    public float[] Backward(float[] x, float[] y, float[] gradient)
    {
        var back = new float[inputs];
        for (var o = 0; o < outputs; o++)
        {
            if (rectified && y[o] <= 0)
            {
                continue;
            }

            var g = gradient[o];
            _biasGradients[o] += g;
            for (var i = 0; i < inputs; i++)
            {
                _weightGradients[(o * inputs) + i] += g * x[i];
                back[i] += g * Matrix.Values[(o * inputs) + i];
            }
        }

        return back;
    }

    /// <summary>Steps against the mean of the gradients since the last step.</summary>
    public void Step(int examples, float rate)
    {
        for (var i = 0; i < _weightGradients.Length; i++)
        {
            Matrix.Step(i, _weightGradients[i] / examples, rate);
        }

        for (var i = 0; i < _biasGradients.Length; i++)
        {
            Bias.Step(i, _biasGradients[i] / examples, rate);
        }

        Array.Clear(_weightGradients);
        Array.Clear(_biasGradients);
    }
}
