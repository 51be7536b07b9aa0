namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>The desired replicas of the Horizontal Pod Autoscaler v2 before its behaviour rules; source: Kubernetes' documentation and <c>replica_calculator.go</c>.</summary>
public static class HpaArithmetic
{
    /// <summary>Change of the ratio that is not acted on.</summary>
    public const double Tolerance = 0.1;

    /// <summary>A metric of type Pods: mean over replicas against a target.</summary>
    /// <param name="sum">Over the measured replicas.</param>
    /// <param name="measured">Ready replicas with a value.</param>
    /// <param name="missing">Ready replicas without.</param>
    /// <param name="unready">Replicas that are not ready yet.</param>
    /// <param name="target">For one replica, above 0.</param>
    /// <param name="current">Replicas that the scale target asks for.</param>
    public static int FromPods(double sum, int measured, int missing, int unready, double target, int current)
    {
        if (measured == 0)
        {
            return current;
        }

        var ratio = sum / measured / target;
        var withUnready = unready > 0 && ratio > 1;
        if (missing == 0 && !withUnready)
        {
            return IsWithin(ratio) ? current : Up(ratio * measured);
        }

        // Those that say nothing are taken at what dampens the change.
        var pods = measured + missing + (withUnready ? unready : 0);
        var dampened = (sum + (ratio < 1 ? missing * target : 0)) / pods / target;
        if (IsWithin(dampened) || (ratio < 1 && dampened > 1) || (ratio > 1 && dampened < 1))
        {
            return current;
        }

        var desired = Up(dampened * pods);
        return (dampened < 1 && desired > current) || (dampened > 1 && desired < current) ? current : desired;
    }

    /// <summary>A metric of type External with AverageValue: a total against a target for one replica.</summary>
    public static int FromTotal(double total, double target, int current) =>
        current > 0 && IsWithin(total / (target * current)) ? current : Up(total / target);

    // The original rounds in thousandths first: 8 is 8 there too.
    private static int Up(double replicas) => (int)Math.Ceiling(replicas - 1e-9);

    private static bool IsWithin(double ratio) => Math.Abs(1 - ratio) <= Tolerance;
}
