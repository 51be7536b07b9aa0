namespace InferenceOperator.Core.Planning.Variants;

/// <summary>Which of two plans is better: the one that holds the SLO; then the cheaper, the one of fewer replicas, the more accurate, the one that carries more.</summary>
internal sealed class PlanOrder : IComparer<PlanCandidate>
{
    public static PlanOrder Instance { get; } = new();

    /// <summary>Costs as near as this, relative, are equal: they are sums of the same prices in another order.</summary>
    private const double Near = 1e-9;

    /// <inheritdoc/>
    public int Compare(PlanCandidate? x, PlanCandidate? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Holds != y.Holds)
        {
            return x.Holds ? -1 : 1;
        }

        if (!x.Holds)
        {
            var more = (y.Replicas * y.Capacity).CompareTo(x.Replicas * x.Capacity);
            return more != 0 ? more : Accuracy(y).CompareTo(Accuracy(x));
        }

        return Math.Abs(x.CostPerHour - y.CostPerHour) > Near * Math.Max(x.CostPerHour, y.CostPerHour) ? x.CostPerHour.CompareTo(y.CostPerHour)
            : x.Replicas != y.Replicas ? x.Replicas.CompareTo(y.Replicas)
            : Accuracy(x) != Accuracy(y) ? Accuracy(y).CompareTo(Accuracy(x))
            : y.Capacity.CompareTo(x.Capacity);
    }

    private static double Accuracy(PlanCandidate candidate) => candidate.Accuracy ?? 0;
}
