namespace InferenceRuntime.Core.Statistics;

/// <summary>How many there were and how long they took together.</summary>
public readonly record struct DurationSum(long Count, TimeSpan Total)
{
    /// <summary>The sum with <paramref name="count"/> more that took <paramref name="each"/>.</summary>
    public DurationSum Plus(int count, TimeSpan each) => new(Count + count, Total + (each * count));

    /// <summary>Both together.</summary>
    public DurationSum Plus(DurationSum other) => new(Count + other.Count, Total + other.Total);
}
