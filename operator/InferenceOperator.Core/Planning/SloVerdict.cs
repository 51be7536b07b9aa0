namespace InferenceOperator.Core.Planning;

/// <summary>Whether the SLO can be held by this model on these replicas at all.</summary>
public abstract record SloVerdict
{
    private SloVerdict()
    {
    }

    /// <summary>No SLO is declared.</summary>
    public sealed record NotDeclared : SloVerdict;

    /// <summary>The service time is not known yet.</summary>
    public sealed record NotKnown : SloVerdict;

    public sealed record Feasible : SloVerdict;

    /// <summary>No number of replicas helps: two single-row executions already take longer than the target.</summary>
    /// <param name="NearestSeconds">The least target that could be held.</param>
    /// <param name="Detail">One sentence.</param>
    public sealed record Infeasible(double NearestSeconds, string Detail) : SloVerdict;
}
