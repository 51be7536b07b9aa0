namespace InferenceOperator.Core.Planning;

/// <summary>Whether the SLO can be held by this model on these replicas at all.</summary>
public abstract record SloVerdict
{
    private SloVerdict()
    {
    }

    /// <summary>The verdict where several forms of the model may answer: it is feasible by any of them, and otherwise as near as the fastest comes.</summary>
    /// <param name="verdicts">By name, at least one.</param>
    internal static SloVerdict Among(IReadOnlyList<(string Name, SloVerdict Verdict)> verdicts)
    {
        if (verdicts.Count == 1 || verdicts[0].Verdict is NotDeclared)
        {
            return verdicts[0].Verdict;
        }

        if (verdicts.Any(static v => v.Verdict is Feasible))
        {
            return new Feasible();
        }

        var (fastest, nearest) = verdicts.Where(static v => v.Verdict is Infeasible).Select(static v => (v.Name, (Infeasible)v.Verdict)).OrderBy(static v => v.Item2.NearestSeconds).FirstOrDefault();
        if (nearest is null)
        {
            return new NotKnown();
        }

        var untried = verdicts.Where(static v => v.Verdict is NotKnown).Select(static v => v.Name).ToList();
        var rest = untried.Count > 0 ? $"; {string.Join(", ", untried)} has not been measured yet" : "";
        return nearest with { Detail = $"{fastest} is the fastest of {verdicts.Count - untried.Count} that may answer and were measured: {nearest.Detail}{rest}" };
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
