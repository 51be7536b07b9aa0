namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>How long an execution takes. One owner; asked with times that do not go back.</summary>
public abstract class ServiceModel
{
    /// <summary>Seconds of one execution, above 0.</summary>
    /// <param name="rows">Rows in it, at least 1.</param>
    /// <param name="at">When it begins, seconds since the start.</param>
    /// <param name="isBurst">True: on the faster variant.</param>
    public abstract double Seconds(int rows, double at, bool isBurst);
}
