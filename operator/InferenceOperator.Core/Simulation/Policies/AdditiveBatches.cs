using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>Clipper's rule as published (NSDI'17): one row more while executions stay within the SLO, a tenth less when one does not.</summary>
/// <param name="sloSeconds">The latency objective.</param>
/// <param name="rowsMax">Most rows that an execution may have.</param>
public sealed class AdditiveBatches(double sloSeconds, int rowsMax) : IBatchRule
{
    private const double Decrease = 0.9;

    private int _limit = 1;

    public double ExpiresAfterSeconds => double.PositiveInfinity;

    public int Limit(double headAgeSeconds) => _limit;

    public void Completed(int rows, double seconds)
    {
        // An execution that was not full says nothing of a larger one.
        _limit = seconds > sloSeconds ? Math.Max(1, (int)(_limit * Decrease)) : rows >= _limit ? Math.Min(rowsMax, _limit + 1) : _limit;
    }
}
