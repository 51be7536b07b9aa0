namespace InferenceOperator.Core.Planning;

/// <summary>
/// Slow feedback for what the model does not see (neighbours on the node, a slow replica): while requests miss the SLO although the
/// model says there is enough, capacity is taken to be smaller; it comes back slowly. Immutable.
/// </summary>
/// <param name="Factor">Capacities are divided by it; 1 to 2.5.</param>
/// <param name="MovedAt">When it moved last (UTC); null: never.</param>
public sealed record CapacityTrim(double Factor, DateTimeOffset? MovedAt)
{
    private const double FactorMax = 2.5;
    private const double Up = 1.15;
    private const double Down = 0.97;

    private static readonly TimeSpan UpPace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DownPace = TimeSpan.FromSeconds(30);

    public static CapacityTrim None { get; } = new(1, null);

    /// <summary>The trim after one more step.</summary>
    /// <param name="isMissing">Requests miss the SLO in a steady state in which the model says they should not.</param>
    /// <param name="isComfortable">The SLO is held with room.</param>
    /// <param name="now">The time (UTC).</param>
    public CapacityTrim After(bool isMissing, bool isComfortable, DateTimeOffset now)
    {
        var rest = MovedAt is { } at ? now - at : TimeSpan.MaxValue;
        return isMissing && rest >= UpPace ? new(Math.Min(FactorMax, Factor * Up), now)
            : !isMissing && isComfortable && Factor > 1 && rest >= DownPace ? new(Math.Max(1, Factor * Down), now)
            : this;
    }
}
