using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Rollout;
using static InferenceOperator.Core.Tests.Rollout.RolloutRig;

namespace InferenceOperator.Core.Tests.Rollout;

public sealed class ComparisonMeterTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private readonly ComparisonMeter _meter = new();

    [Fact]
    public void A_block_holds_what_both_sides_did_since_their_first_samples()
    {
        Assert.Null(Take(0, ("old", 1000, 5, 20), ("new", 40, 0, 40)));
        Assert.Null(Take(5, ("old", 1060, 6, 25), ("new", 70, 0, 41)));

        var block = Take(10, ("old", 1100, 7, 30), ("new", 90, 1, 43));

        Assert.Equal(new RolloutBlock(new(102, 2, 102, 10), new(51, 1, 51, 3)), block);
    }

    [Fact]
    public void A_block_waits_until_both_sides_were_heard()
    {
        Take(0, ("old", 1000, 0, 0), ("new", 40, 0, 0));
        Assert.Null(Take(15, ("old", 1100, 0, 0)));
        Assert.Null(Take(30, ("old", 1200, 0, 0)));

        Assert.Equal(new RolloutBlock(new(300, 0, 300, 0), new(10, 0, 10, 0)), Take(45, ("old", 1300, 0, 0), ("new", 50, 0, 0)));
    }

    [Fact]
    public void A_replica_that_starts_anew_counts_from_its_next_sample()
    {
        Take(0, ("old", 1000, 0, 0), ("new", 40, 0, 0));
        Take(5, ("old", 1010, 0, 0), ("new", 3, 0, 3));

        Assert.Equal(new RolloutBlock(new(20, 0, 20, 0), new(5, 0, 5, 0)), Take(10, ("old", 1020, 0, 0), ("new", 8, 0, 3)));
    }

    [Fact]
    public void Another_roll_out_begins_with_nothing()
    {
        Take(0, ("old", 1000, 0, 0), ("new", 40, 0, 0));
        Take(5, ("old", 1100, 0, 50), ("new", 70, 0, 30));

        Assert.Null(Take(20, A, C, ("old", 1200, 0, 50), ("third", 5, 0, 0)));
        Assert.Equal(new RolloutBlock(new(100, 0, 100, 0), new(5, 0, 5, 1)), Take(30, A, C, ("old", 1300, 0, 50), ("third", 10, 0, 1)));
    }

    private RolloutBlock? Take(double at, params (string Replica, double Answered, double Failed, double Missed)[] samples) => Take(at, A, B, samples);

    private RolloutBlock? Take(double at, RevisionName from, RevisionName to, params (string Replica, double Answered, double Failed, double Missed)[] samples) => _meter.Take(
        samples.Select(s => new ReplicaSample(s.Replica, Origin + TimeSpan.FromSeconds(at), MetricSource.Scrape, new()
        {
            ProcessStartedAt = Origin - TimeSpan.FromSeconds(s.Answered < 20 && s.Replica == "new" ? 1 : 500),
            Answered = s.Answered,
            Refused = s.Failed,
            SloSeconds = 0.05,
            SloRequests = s.Answered + s.Failed,
            SloMet = s.Answered + s.Failed - s.Missed,
        })),
        [Running("old", A), Running("new", B), Running("third", C)], from, to, Length, Origin + TimeSpan.FromSeconds(at))?.Sides;

    private static ReplicaObservation Running(string name, RevisionName revision) => new(name, ReplicaPhase.Ready, Origin) { Revision = revision };
}
