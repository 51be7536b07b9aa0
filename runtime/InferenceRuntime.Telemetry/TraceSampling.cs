using System.Globalization;

namespace InferenceRuntime.Telemetry;

/// <summary>Which traces are recorded, as <c>OTEL_TRACES_SAMPLER</c> says.</summary>
/// <param name="Ratio">Share of the traces that begin here, 0 to 1; of all traces when no parent is followed.</param>
/// <param name="FollowsParent">Whether a caller that has decided is followed.</param>
public sealed record TraceSampling(double Ratio, bool FollowsParent)
{
    /// <summary>Every trace, but those that a caller does not record.</summary>
    public static readonly TraceSampling Default = new(Ratio: 1, FollowsParent: true);

    /// <summary>True when nothing is ever recorded.</summary>
    public bool IsNever => Ratio <= 0 && !FollowsParent;

    /// <summary>What the two variables say; what they say wrongly is told and replaced by the default.</summary>
    /// <param name="sampler"><c>OTEL_TRACES_SAMPLER</c>; null or empty for the default.</param>
    /// <param name="argument"><c>OTEL_TRACES_SAMPLER_ARG</c>: for the ratios, 0 to 1; null or empty for 1.</param>
    /// <param name="complaints">Receives what is wrong.</param>
    public static TraceSampling Read(string? sampler, string? argument, ICollection<string> complaints)
    {
        switch (sampler)
        {
            case null or "" or "parentbased_always_on":
                return Default;
            case "always_on":
                return Default with { FollowsParent = false };
            case "always_off":
                return new TraceSampling(0, FollowsParent: false);
            case "parentbased_always_off":
                return new TraceSampling(0, FollowsParent: true);
            case "traceidratio" or "parentbased_traceidratio":
                return new TraceSampling(ReadRatio(argument, complaints), FollowsParent: sampler != "traceidratio");
            default:
                complaints.Add($"OTEL_TRACES_SAMPLER: '{sampler}' is not known here; parentbased_always_on is used");
                return Default;
        }
    }

    private static double ReadRatio(string? argument, ICollection<string> complaints)
    {
        if (string.IsNullOrEmpty(argument))
        {
            return 1;
        }

        if (double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1)
        {
            return ratio;
        }

        complaints.Add($"OTEL_TRACES_SAMPLER_ARG: '{argument}' is not a number from 0 to 1; 1 is used");
        return 1;
    }
}
