namespace InferenceOperator.Core.Planning;

/// <summary>
/// Slow feedback for what the model does not see (neighbours on the node, a slow replica): while requests miss the SLO although the
/// model says there is enough, capacity is taken to be smaller; it comes back slowly.
/// </summary>
internal sealed class CapacityTrim
{
    private const double FactorMax = 2.5;
    private const double Up = 1.15;
    private const double Down = 0.97;

    private static readonly TimeSpan UpPace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DownPace = TimeSpan.FromSeconds(30);

    private DateTimeOffset _movedAt = DateTimeOffset.MinValue;

    /// <summary>Capacities are divided by it; 1 to 2.5.</summary>
    public double Factor { get; private set; } = 1;

    /// <param name="isMissing">Requests miss the SLO in a steady state in which the model says they should not.</param>
    /// <param name="isComfortable">The SLO is held with room.</param>
    /// <param name="now">The time (UTC).</param>
    public void Observe(bool isMissing, bool isComfortable, DateTimeOffset now)
    {
        if (isMissing && now - _movedAt >= UpPace)
        {
            Factor = Math.Min(FactorMax, Factor * Up);
            _movedAt = now;
        }
        else if (isComfortable && Factor > 1 && now - _movedAt >= DownPace)
        {
            Factor = Math.Max(1, Factor * Down);
            _movedAt = now;
        }
    }
}
