using InferenceOperator.Core.Estimation;

namespace InferenceOperator.Core.Planning;

/// <summary>The service time that the capacity of a batch limit was found with.</summary>
/// <param name="MaxBatch">Rows, at least 1.</param>
/// <param name="Service">As it was known then.</param>
public sealed record CapacityAnchor(int MaxBatch, ServiceTime Service)
{
    /// <summary>Move of the service time up to which a capacity is always kept, and beyond which it never is.</summary>
    private const double Moved = 0.02;
    private const double MovedMax = 0.05;

    /// <summary>Move of the noise up to which it is.</summary>
    private const double NoiseMoved = 0.03;

    /// <summary>A fit that still wanders within two of its standard deviations says nothing new.</summary>
    public bool IsStillRight(ServiceTime now) =>
        IsKept(now, 1) && IsKept(now, MaxBatch) && IsKept(now, (MaxBatch + 1) / 2)
        && Math.Abs(now.RelativeNoise - Service.RelativeNoise) <= NoiseMoved;

    private bool IsKept(ServiceTime now, double rows)
    {
        var before = Service.Upper(rows);
        return Math.Abs(now.Upper(rows) - before) <= Math.Clamp(2 * now.Deviation(rows), Moved * before, MovedMax * before);
    }
}
