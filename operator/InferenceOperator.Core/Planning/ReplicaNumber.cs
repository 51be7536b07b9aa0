namespace InferenceOperator.Core.Planning;

/// <summary>How many replicas a demand takes. Pure.</summary>
internal static class ReplicaNumber
{
    /// <summary>Beyond this nobody counts.</summary>
    private const int Most = 1_000_000;

    /// <summary>Rounding of a quotient that is a whole number by what went into it.</summary>
    private const double Rounding = 1e-9;

    /// <summary>The fewest replicas that carry a demand, 0 to 1,000,000.</summary>
    /// <param name="demand">At least 0, in the unit of the capacity.</param>
    /// <param name="capacity">What one carries, at least 0; infinite: it needs none.</param>
    public static int Needed(double demand, double capacity) => (int)Math.Min(Math.Ceiling((demand / capacity) - Rounding), Most);
}
