using System.Collections.Immutable;

namespace InferenceOperator.Metrics;

/// <summary>One series of a range query's answer.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Labels">All other labels, as sorted by the server.</param>
/// <param name="Points">Samples in order of time; NaN and infinities as they are.</param>
internal sealed record PrometheusSeries(
    string Name, ImmutableArray<KeyValuePair<string, string>> Labels, ImmutableArray<(DateTimeOffset At, double Value)> Points)
{
    /// <summary>The value of a label; null without it.</summary>
    public string? Label(string name)
    {
        foreach (var (key, value) in Labels)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }
}
