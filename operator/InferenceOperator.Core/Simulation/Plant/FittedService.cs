namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>Execution times by a fit. The noise of an execution is a function of when it begins: like arrivals meet like noise under every policy.</summary>
internal sealed class FittedService(ServiceFit fit, ulong seed) : ServiceModel
{
    /// <summary>Least share of the mean that an execution takes.</summary>
    private const double LeastShare = 0.05;

    private readonly double _sigma = Math.Sqrt(Math.Log(1 + (fit.Noise * fit.Noise)));
    private int _drift;
    private double _factor = 1;

    public override double Seconds(int rows, double at, bool isBurst)
    {
        while (_drift < fit.Drifts.Length && fit.Drifts[_drift].At <= at)
        {
            _factor = fit.Drifts[_drift++].Factor;
        }

        var mean = fit.Mean(rows) * _factor / (isBurst ? fit.BurstSpeed : 1);
        if (fit.Noise == 0)
        {
            return mean;
        }

        var z = Draws.NormalAt(seed, DrawPurpose.Service, BitConverter.DoubleToUInt64Bits(at));
        return mean * (fit.NoiseShape == NoiseShape.Lognormal ? Math.Exp((_sigma * z) - (0.5 * _sigma * _sigma)) : Math.Max(LeastShare, 1 + (fit.Noise * z)));
    }
}
