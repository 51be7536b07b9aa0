using System.Collections.Immutable;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>How a story is disturbed.</summary>
/// <param name="Seed">Of the cluster.</param>
/// <param name="Crashes">One after the other, each of the process that was started after the one before.</param>
/// <param name="HasStandby">Whether another process waits for the Lease all the while.</param>
/// <param name="Trouble">Share of all requests that are refused (500, 429, 409) or whose answer is lost, besides.</param>
internal sealed record CrashPlan(int Seed, ImmutableArray<Crash> Crashes, bool HasStandby, double Trouble)
{
    /// <summary>A process that goes on from where another died has less to do.</summary>
    private const int WritesAfterCrash = 12;

    /// <param name="random">What it is drawn from.</param>
    /// <param name="undisturbed">The story as it goes without.</param>
    public static CrashPlan Draw(Random random, StoryRun undisturbed)
    {
        var crashes = random.Next(10) switch { < 7 => 1, < 9 => 2, _ => 3 };
        return new(
            random.Next(),
            [.. Enumerable.Range(0, crashes).Select(i => Draw(random, i == 0 ? undisturbed.Writes : WritesAfterCrash))],
            HasStandby: random.Next(6) == 0,
            Trouble: random.Next(4) == 0 ? 0.1 : 0);
    }

    public override string ToString() => $"{string.Join(", then ", Crashes)}{(HasStandby ? ", with another that stands by" : "")}{(Trouble > 0 ? ", and trouble on the way" : "")}";

    private static Crash Draw(Random random, int writes)
    {
        var pause = TimeSpan.FromSeconds(random.Next(3) == 0 ? 0 : 15 * random.NextDouble());
        return random.Next(4) == 0
            ? new(0, false, TimeSpan.FromSeconds(30 * random.NextDouble()), pause)
            : new(random.Next(1, Math.Max(2, writes)), random.Next(2) == 0, null, pause);
    }
}
