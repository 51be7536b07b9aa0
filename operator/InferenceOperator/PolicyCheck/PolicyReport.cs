using System.Collections.Immutable;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Policy;
using InferenceOperator.Tables;

namespace InferenceOperator.PolicyCheck;

/// <summary>What policies would make of agents.</summary>
/// <param name="Judged">Each agent and what comes of it, by key.</param>
/// <param name="Faults">What could not be checked.</param>
internal sealed record PolicyReport(ImmutableArray<PolicyJudgement> Judged, ImmutableArray<string> Faults)
{
    /// <summary>Agents that would be refused.</summary>
    public int Refused => Judged.Count(static judged => !judged.Refusals.IsEmpty);

    /// <summary>Agents of which a field would count otherwise than declared.</summary>
    public int Limited => Judged.Count(static judged => !judged.Agent.Policies.IsEmpty);

    public static PolicyReport Of(CheckedFiles policies, CheckedFiles subjects, GpuPrices? prices) => new(
        [
            .. subjects.Agents.OrderBy(static agent => agent.Key(), StringComparer.Ordinal)
                .Select(agent => PolicyRules.Judge(agent, subjects.Namespaces.GetValueOrDefault(agent.Metadata.Namespace), policies.Policies, prices)),
        ],
        [.. policies.Faults, .. subjects.Faults]);

    /// <summary>A table of what would change, what would be refused, and a line that counts.</summary>
    public IEnumerable<string> Lines()
    {
        if (Limited > 0)
        {
            var table = new TextTable(" AGENT", " FIELD", "DECLARED", "EFFECTIVE", " POLICY");
            foreach (var judged in Judged)
            {
                foreach (var effect in judged.Agent.Policies)
                {
                    table.Add(judged.Agent.Key(), effect.Field, effect.Declared ?? "-", effect.Effective, effect.Policy);
                }
            }

            foreach (var line in table.Lines())
            {
                yield return line;
            }
        }

        foreach (var judged in Judged)
        {
            foreach (var refusal in judged.Refusals)
            {
                yield return $"refused: {judged.Agent.Key()}: {refusal}";
            }
        }

        yield return $"{Judged.Length} agents: {Refused} refused, {Limited} limited, {Judged.Length - Refused - Limited} as declared";
    }
}
