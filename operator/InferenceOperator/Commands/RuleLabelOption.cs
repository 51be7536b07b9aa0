using System.Collections.Immutable;
using System.CommandLine;

namespace InferenceOperator.Commands;

/// <summary>The option <c>--rule-label</c>: labels by which Prometheus finds the agents' PrometheusRules.</summary>
internal static class RuleLabelOption
{
    private const string Name = "--rule-label";

    public static Option<string[]> Create() => new(Name)
    {
        Description = "KEY=VALUE: label on each agent's PrometheusRule, as Prometheus' ruleSelector asks for, such as release=monitoring; may stand several times.",
    };

    /// <exception cref="FormatException">One is not KEY=VALUE, or stands twice; the message names the option.</exception>
    public static ImmutableSortedDictionary<string, string> Read(string[]? texts)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var text in texts ?? [])
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !labels.TryAdd(text[..at], text[(at + 1)..]))
            {
                throw new FormatException($"{Name}: '{text}' is not KEY=VALUE, or its key stands twice");
            }
        }

        return labels.ToImmutable();
    }
}
