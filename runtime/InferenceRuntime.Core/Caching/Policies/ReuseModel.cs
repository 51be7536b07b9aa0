namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Learns online how likely a key comes back within the horizon: an additive logistic model over classes of its history.</summary>
/// <remarks>
/// log odds = bias + Σ weight[feature, class]; each answer moves the weights of its classes along the gradient of the log loss by a
/// constant rate, so that old traffic is forgotten. Starts from "recent and frequent is good".
/// </remarks>
internal sealed class ReuseModel
{
    private const float Rate = 0.02f;

    private readonly float[] _weights = new float[ReuseFeatures.Count * ReuseFeatures.Classes];
    private float _bias = -1;

    public ReuseModel()
    {
        for (var c = 0; c < ReuseFeatures.Classes; c++)
        {
            _weights[c] = -0.1f * c;
            _weights[(3 * ReuseFeatures.Classes) + c] = 0.1f * c;
        }
    }

    public long HeldBytes => Caching.HeldBytes.Array((long)_weights.Length * sizeof(float));

    /// <summary>Probability that a key with this history comes back within the horizon, above 0 and below 1.</summary>
    public float Probability(ReuseFeatures features) => 1 / (1 + MathF.Exp(-LogOdds(features)));

    /// <summary>Expected uses within the horizon, above 0: the rate of a Poisson process that has at least one with this probability.</summary>
    public float ExpectedUses(ReuseFeatures features)
    {
        // −ln(1 − p) = ln(1 + odds)
        var logOdds = LogOdds(features);
        return logOdds > 15 ? logOdds : MathF.Log(1 + MathF.Exp(logOdds));
    }

    private float LogOdds(ReuseFeatures features)
    {
        var w = _weights;
        return _bias
            + w[features.Age]
            + w[ReuseFeatures.Classes + features.Short]
            + w[(2 * ReuseFeatures.Classes) + features.Middle]
            + w[(3 * ReuseFeatures.Classes) + features.Long]
            + w[(4 * ReuseFeatures.Classes) + features.Gap]
            + w[(5 * ReuseFeatures.Classes) + features.AgeToGap];
    }

    /// <summary>Learns an answer.</summary>
    public void Learn(ReuseFeatures features, bool cameBack)
    {
        var step = Rate * ((cameBack ? 1 : 0) - Probability(features));
        var w = _weights;
        _bias += step;
        w[features.Age] += step;
        w[ReuseFeatures.Classes + features.Short] += step;
        w[(2 * ReuseFeatures.Classes) + features.Middle] += step;
        w[(3 * ReuseFeatures.Classes) + features.Long] += step;
        w[(4 * ReuseFeatures.Classes) + features.Gap] += step;
        w[(5 * ReuseFeatures.Classes) + features.AgeToGap] += step;
    }
}
