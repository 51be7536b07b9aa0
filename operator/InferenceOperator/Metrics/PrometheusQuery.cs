using System.Globalization;
using InferenceRuntime.Contract;

namespace InferenceOperator.Metrics;

/// <summary>The one question that is asked for an agent: the raw samples of its replicas, with the times at which they were scraped.</summary>
/// <remarks>
/// Rates are not asked for: <c>rate()</c> extrapolates, hides resets, and says nothing of age. The control loop takes its own
/// differences between samples whose times it knows.
/// </remarks>
internal static class PrometheusQuery
{
    /// <summary>The least time that is looked back.</summary>
    public static readonly TimeSpan RangeMin = TimeSpan.FromSeconds(45);

    /// <param name="ns">Namespace of the agent.</param>
    /// <param name="name">Name of the agent.</param>
    /// <param name="interval">Usual time between two scrapes; three of them are looked back.</param>
    public static string Of(string ns, string name, TimeSpan interval)
    {
        var range = interval * 3 > RangeMin ? interval * 3 : RangeMin;
        var milliseconds = (long)Math.Ceiling(range.TotalMilliseconds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{__name__=~\"inference_.+|{MetricNames.ProcessStartTimeSeconds}\",{MetricLabels.AgentNamespace}=\"{Escape(ns)}\",{MetricLabels.Agent}=\"{Escape(name)}\"}}[{milliseconds}ms]");
    }

    /// <summary>A label value between double quotes, as Go quotes strings.</summary>
    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
