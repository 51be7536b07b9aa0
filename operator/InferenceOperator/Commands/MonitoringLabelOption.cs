using System.Collections.Immutable;
using System.CommandLine;

namespace InferenceOperator.Commands;

/// <summary>The option <c>--monitoring-label</c>: labels by which Prometheus finds what agents have for it.</summary>
internal static class MonitoringLabelOption
{
    private const string Name = "--monitoring-label";

    public static Option<string[]> Create() => new(Name)
    {
        Description = "KEY=VALUE: label on each agent's PodMonitor and PrometheusRule, as the selectors of your Prometheus ask for, such as release=monitoring; may stand several times.",
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
