using System.Collections.Immutable;

namespace InferenceRuntime.Contract;

/// <summary>One line of the Prometheus text format.</summary>
/// <param name="Name">Metric name, including suffixes such as <c>_bucket</c>.</param>
/// <param name="Labels">Labels in the order they stand.</param>
/// <param name="Value">The value; NaN and infinities as written.</param>
public sealed record PrometheusSample(string Name, ImmutableArray<KeyValuePair<string, string>> Labels, double Value)
{
    /// <summary>The value of a label, or null when the line has no such label.</summary>
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
