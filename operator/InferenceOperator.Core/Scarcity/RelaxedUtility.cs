using System.Collections.Immutable;

namespace InferenceOperator.Core.Scarcity;

/// <summary>What so many replicas are worth to an agent: min(1, SLO / latency), which still tells more from less where the SLO is missed.</summary>
/// <remarks>
/// Source: Faro (EuroSys 2025), with exponent 1. Beyond <see cref="LoadMax"/> of what a replica carries, where a queue has no steady
/// state, the utility is that at this load divided by the excess, so that it keeps a slope under overload. Faro multiplies the latency
/// instead, which calls an overload harmless where the SLO is loose.
/// </remarks>
public static class RelaxedUtility
{
    /// <summary>Load up to which the latency model is asked.</summary>
    public const double LoadMax = 0.95;

    /// <summary>Utility of one latency, in (0, 1].</summary>
    public static double Of(double latencySeconds, double targetSeconds) => Math.Min(1, targetSeconds / latencySeconds);

    /// <summary>Utility with 0, 1, … <paramref name="replicas"/> replicas; never falling.</summary>
    /// <param name="replicas">At least 0.</param>
    /// <param name="demand">Rows per second of all replicas together, at least 0; without any, nothing is missed.</param>
    /// <param name="throughput">Rows per second that a replica carries with its queue never empty, above 0.</param>
    /// <param name="latency">Latency at the SLO's share, seconds, when a replica gets so many rows per second; null: it cannot keep up.</param>
    /// <param name="targetSeconds">The SLO, above 0.</param>
    public static ImmutableArray<double> Curve(int replicas, double demand, double throughput, Func<double, double?> latency, double targetSeconds)
    {
        var most = LoadMax * throughput;
        var atMost = demand > 0 ? Of(latency(most) ?? double.PositiveInfinity, targetSeconds) : 1;
        return Rising(replicas, demand, n =>
        {
            var load = demand / n;
            return load < most && latency(load) is { } held ? Of(held, targetSeconds) : atMost / Math.Max(1, load / most);
        });
    }

    /// <summary>The same where no latency is held, but a capacity: the share of the demand that is carried.</summary>
    /// <param name="replicas">At least 0.</param>
    /// <param name="demand">Rows per second of all replicas together, at least 0.</param>
    /// <param name="capacity">Rows per second that a replica is to carry, above 0.</param>
    public static ImmutableArray<double> Proportional(int replicas, double demand, double capacity) =>
        Rising(replicas, demand, n => Math.Min(1, n * capacity / demand));

    private static ImmutableArray<double> Rising(int replicas, double demand, Func<int, double> utility)
    {
        var curve = ImmutableArray.CreateBuilder<double>(replicas + 1);
        curve.Add(demand > 0 ? 0 : 1);
        while (curve.Count <= replicas)
        {
            // Once everything is within the SLO, more replicas change nothing.
            curve.Add(curve[^1] >= 1 ? 1 : Math.Max(curve[^1], utility(curve.Count)));
        }

        return curve.MoveToImmutable();
    }
}
