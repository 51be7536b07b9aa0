namespace InferenceOperator.Core.Rollout;

/// <summary>Requests of both sides over the same time, by one measure.</summary>
/// <param name="OldCount">Requests of the old side.</param>
/// <param name="OldBad">Bad ones of them.</param>
/// <param name="NewCount">Requests of the new side.</param>
/// <param name="NewBad">Bad ones of them.</param>
public readonly record struct ComparedCounts(double OldCount, double OldBad, double NewCount, double NewBad)
{
    public static ComparedCounts operator +(ComparedCounts a, ComparedCounts b) =>
        new(a.OldCount + b.OldCount, a.OldBad + b.OldBad, a.NewCount + b.NewCount, a.NewBad + b.NewBad);
}
