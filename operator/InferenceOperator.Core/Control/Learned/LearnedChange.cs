using InferenceOperator.Core.Forecasting;

namespace InferenceOperator.Core.Control.Learned;

/// <summary>Whether what was learned differs from what was kept by enough to be worth a write. Pure.</summary>
public static class LearnedChange
{
    /// <summary>Shortest time between two writes.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMinutes(10);

    /// <summary>Minutes of the day whose level has to be another: an hour while it goes on, a few when it is the last chance.</summary>
    private const int MinutesMin = 60;
    private const int MinutesMinLast = 5;

    /// <summary>Relative difference that counts: of a level, of a time.</summary>
    private const double Distinct = 0.1;

    /// <summary>Rates below this are alike.</summary>
    private const double RateMin = 1;

    /// <summary>The headroom that is compared: of this share of the time, over a usual horizon, seconds. It has to be another by more than a bin of the histogram.</summary>
    private const double MissShare = 0.01;
    private const double Horizon = 40;

    /// <param name="kept">What was last kept; null: nothing.</param>
    /// <param name="learned">What is known now.</param>
    /// <param name="isLast">True: the controller ends.</param>
    public static bool IsWorthKeeping(LearnedState? kept, LearnedState learned, bool isLast)
    {
        var minutes = Minutes(kept, learned);
        return minutes >= (isLast || kept is null ? MinutesMinLast : MinutesMin)
            || (kept is null ? learned.StartUps.Length > 0 || learned.Fit is not null
                : Differ(Longest(kept), Longest(learned))
                    || Differ(kept.Fit?.Fixed.Seconds, learned.Fit?.Fixed.Seconds) || Differ(kept.Fit?.PerRow.Seconds, learned.Fit?.PerRow.Seconds)
                    || kept.Skill.TrustsSeason != learned.Skill.TrustsSeason
                    || Math.Abs(kept.Surprises.Headroom(MissShare, Horizon) - learned.Surprises.Headroom(MissShare, Horizon)) > 1.5 * SurpriseHistogram.BinWidth);
    }

    private static int Minutes(LearnedState? kept, LearnedState learned)
    {
        var now = SeasonText.Read(learned.Season) ?? DemandSeason.Unknown;
        var before = (kept is null ? null : SeasonText.Read(kept.Season)) ?? DemandSeason.Unknown;
        return now.Levels.Zip(before.Levels).Count(static l => Math.Abs(l.First - l.Second) > Distinct * Math.Max(RateMin, Math.Max(l.First, l.Second)));
    }

    private static double? Longest(LearnedState state) => state.StartUps.IsEmpty ? null : state.StartUps.Max();

    private static bool Differ(double? left, double? right) => left is { } a && right is { } b ? Math.Abs(a - b) > Distinct * Math.Max(a, b) : left != right;
}
