using System.Collections.Immutable;
using InferenceOperator.Core.Estimation;

namespace InferenceOperator.Core.Planning;

/// <summary>
/// What capacities were found with, so that they stay until it has moved clearly, and are found again from it to the last bit. Immutable.
/// </summary>
/// <param name="Objective">What is planned for; null: nothing was found yet.</param>
/// <param name="Dispersion">Index of dispersion of rows, 1 for Poisson.</param>
/// <param name="RowsPerRequest">At least 1.</param>
/// <param name="Limits">By batch limit, each at most once, at most <see cref="LimitsMax"/>.</param>
public sealed record CapacityAnchors(Objective? Objective, double Dispersion, double RowsPerRequest, ImmutableArray<CapacityAnchor> Limits)
{
    public const int LimitsMax = 16;

    /// <summary>Move of the objective, relative to the target, up to which it counts as the same.</summary>
    private const double Moved = 0.02;

    /// <summary>The same for the dispersion and the rows per request, relative to themselves.</summary>
    private const double DispersionMoved = 0.25;
    private const double RowsMoved = 0.1;

    private const double DispersionMax = 32;

    public static CapacityAnchors None { get; } = new(null, 1, 1, []);

    /// <summary>What still holds of them now; where objective or arrivals have moved clearly they begin anew.</summary>
    /// <param name="service">The service time.</param>
    /// <param name="objective">What is planned for.</param>
    /// <param name="dispersion">Of requests per 100 ms; null: not known, Poisson is taken.</param>
    /// <param name="rowsPerRequest">At least 1.</param>
    public CapacityAnchors At(ServiceTime service, Objective objective, double? dispersion, double rowsPerRequest)
    {
        var rows = Math.Max(1, rowsPerRequest);
        var burst = Math.Clamp(dispersion ?? 1, 1, DispersionMax) * rows;
        return IsSame(objective)
            && Math.Abs(burst - Dispersion) <= DispersionMoved * Dispersion
            && Math.Abs(rows - RowsPerRequest) <= RowsMoved * RowsPerRequest
            ? this with { Limits = Limits.RemoveAll(a => !a.IsStillRight(service)) }
            : new(objective, burst, rows, []);
    }

    /// <summary>With one more limit; the oldest goes when there are too many.</summary>
    public CapacityAnchors With(CapacityAnchor anchor) =>
        this with { Limits = (Limits.Length < LimitsMax ? Limits : Limits.RemoveAt(0)).Add(anchor) };

    public bool Equals(CapacityAnchors? other) =>
        other is not null && Objective == other.Objective && Dispersion.Equals(other.Dispersion) && RowsPerRequest.Equals(other.RowsPerRequest) && Limits.SequenceEqual(other.Limits);

    public override int GetHashCode() => HashCode.Combine(Objective, Dispersion, RowsPerRequest, Limits.Length);

    private bool IsSame(Objective now) =>
        Objective is { } before
        && before.SizesByUtilisation == now.SizesByUtilisation
        && before.HasSlo == now.HasSlo
        && before.Share.Equals(now.Share)
        && (!now.HasSlo
            || (Math.Abs(before.TargetSeconds - now.TargetSeconds) <= Moved * now.TargetSeconds
                && Math.Abs(before.OverheadSeconds - now.OverheadSeconds) <= Moved * now.TargetSeconds));
}
