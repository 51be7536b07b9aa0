using System.Collections.Immutable;

namespace InferenceOperator.Core.Forecasting;

/// <summary>What the day usually brings: for each minute of it a decayed upper level of the rate on the days before. Immutable.</summary>
/// <param name="Levels">Rows per second, 1,440 of them by minute of the day (UTC); negative: never seen.</param>
/// <param name="Minute">The minute that is being measured, from the epoch; 0: none yet.</param>
/// <param name="Sum">Sum of the rates measured in it.</param>
/// <param name="Count">How many.</param>
public sealed record DemandSeason(ImmutableArray<float> Levels, long Minute, double Sum, int Count)
{
    private const int Minutes = 1440;

    /// <summary>A minute's level goes up by this part of the difference, and down by that: it lies above the mean of the last days and follows them.</summary>
    private const float Up = 0.5f;
    private const float Down = 0.2f;

    public static DemandSeason Unknown { get; } = new([.. Enumerable.Repeat(-1f, Minutes)], 0, 0, 0);

    /// <summary>The season with one more rate; a minute is taken in when it is over.</summary>
    public DemandSeason After(DateTimeOffset at, double rowsPerSecond)
    {
        var minute = at.ToUnixTimeSeconds() / 60;
        return minute == Minute ? this with { Sum = Sum + rowsPerSecond, Count = Count + 1 }
            : minute < Minute ? this
            : new(Count > 0 ? Learned() : Levels, minute, rowsPerSecond, 1);
    }

    /// <summary>The most that the day usually brings between two times at most a day apart, rows per second; null: some minute was never seen.</summary>
    public double? Most(DateTimeOffset from, DateTimeOffset to)
    {
        var most = -1f;
        for (var minute = from.ToUnixTimeSeconds() / 60; minute <= to.ToUnixTimeSeconds() / 60; minute++)
        {
            var level = Levels[(int)(minute % Minutes)];
            if (level < 0)
            {
                return null;
            }

            most = Math.Max(most, level);
        }

        return most;
    }

    public bool Equals(DemandSeason? other) =>
        other is not null && Minute == other.Minute && Sum.Equals(other.Sum) && Count == other.Count && Levels.SequenceEqual(other.Levels);

    public override int GetHashCode() => HashCode.Combine(Minute, Sum, Count);

    private ImmutableArray<float> Learned()
    {
        var index = (int)(Minute % Minutes);
        var (level, rate) = (Levels[index], (float)(Sum / Count));
        return Levels.SetItem(index, level < 0 ? rate : level + ((rate > level ? Up : Down) * (rate - level)));
    }
}
