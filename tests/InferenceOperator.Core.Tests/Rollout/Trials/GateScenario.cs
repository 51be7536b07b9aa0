using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Tests.Rollout.Trials;

/// <summary>One story of roll-outs that differ by their seed.</summary>
/// <param name="Name">What happens, for tables.</param>
/// <param name="Traits">The same in figures.</param>
/// <param name="WatchedBefore">Seconds for which the old replicas served before.</param>
internal sealed record GateScenario(string Name, FleetTraits Traits, double WatchedBefore = 7200)
{
    /// <summary>Seconds within which the new revision is sent back in nine of ten roll-outs.</summary>
    public double SentBackWithin { get; init; } = double.PositiveInfinity;

    /// <summary>One request of a hundred may miss the SLO; half as often again as the old revision's is no harm.</summary>
    public static RolloutRules Rules { get; } = new() { MissesAllowed = 0.01, Margin = 1.5 };

    /// <summary>Stories in which the new revision is no other than the old one.</summary>
    public static IReadOnlyList<GateScenario> Equal { get; } =
    [
        new("calm", new()),
        new("calm, misses the SLO anyway", new() { MissedCalm = 0.03 }),
        new("one execution of a hundred fails on all", new() { FailedAnyway = 0.01 }),
        new("neighbour, 4 times slower for 15 s every 150 s", new() { Disturbed = 4 }),
        new("the same, 1 old replica", new() { Disturbed = 4, Old = 1 }),
        new("the same, 9 old replicas", new() { Disturbed = 4, Old = 9 }),
        new("neighbour, 4 times slower for 60 s every 10 min", new() { Disturbed = 4, DisturbedFor = 60, DisturbedEvery = 600 }),
        new("the same, watched for 2 min before", new() { Disturbed = 4, DisturbedFor = 60, DisturbedEvery = 600 }, 120),
        new("neighbour, 2 times slower for 60 s on average every 5 min", new() { Disturbed = 2, DisturbedFor = 60, DisturbedEvery = 300, IsDisturbedAtRandom = true }),
        new("neighbour, 4 times slower for 2 min every 30 min", new() { Disturbed = 4, DisturbedFor = 120, DisturbedEvery = 1800 }),
        new("neighbour, 4 times slower for 5 min every hour", new() { Disturbed = 4, DisturbedFor = 300, DisturbedEvery = 3600 }),
        new("speed wanders by 10 % over 1 min", new() { Noise = 0.1, MissedCalm = 0.01 }),
        new("speed wanders by 20 % over 2 min", new() { Noise = 0.2, NoiseFor = 120, MissedCalm = 0.01 }),
        new("steps of load", new() { LoadSteps = 0.3 }),
        new("steps of load, 1 old replica", new() { LoadSteps = 0.3, Old = 1 }),
        new("steps of load and neighbours", new() { LoadSteps = 0.3, Disturbed = 3, DisturbedFor = 30, DisturbedEvery = 300, IsDisturbedAtRandom = true }),
    ];

    /// <summary>Stories in which the new revision is worse.</summary>
    public static IReadOnlyList<GateScenario> Worse { get; } =
    [
        new("20 % slower, calm", new() { Slower = 1.2 }) { SentBackWithin = 1200 },
        new("20 % slower, calm, watched for 2 min before", new() { Slower = 1.2 }, 120) { SentBackWithin = 1800 },
        new("30 % slower, calm", new() { Slower = 1.3 }) { SentBackWithin = 600 },
        new("30 % slower, calm, 1 old replica", new() { Slower = 1.3, Old = 1 }) { SentBackWithin = 1800 },
        new("30 % slower, calm, 9 old replicas", new() { Slower = 1.3, Old = 9 }) { SentBackWithin = 360 },
        new("30 % slower, steps of load", new() { Slower = 1.3, LoadSteps = 0.15 }) { SentBackWithin = 2400 },
        new("30 % slower, neighbours for 15 s", new() { Slower = 1.3, Disturbed = 4 }) { SentBackWithin = 1800 },
        new("30 % slower, neighbours for 60 s", new() { Slower = 1.3, Disturbed = 4, DisturbedFor = 60, DisturbedEvery = 600 }),
        new("30 % slower, speed wanders by 10 %", new() { Slower = 1.3, Noise = 0.1 }) { SentBackWithin = 3300 },
        new("2 times slower, calm", new() { Slower = 2 }) { SentBackWithin = 360 },
        new("2 times slower, neighbours for 60 s", new() { Slower = 2, Disturbed = 4, DisturbedFor = 60, DisturbedEvery = 600 }) { SentBackWithin = 1800 },
        new("2 times slower, watched for 2 min before", new() { Slower = 2 }, 120) { SentBackWithin = 720 },
        new("fails 1 % more", new() { Failing = 0.01 }) { SentBackWithin = 360 },
        new("fails 1 % more, neighbours for 60 s", new() { Failing = 0.01, Disturbed = 4, DisturbedFor = 60, DisturbedEvery = 600 }) { SentBackWithin = 360 },
        new("fails always", new() { Failing = 1 }) { SentBackWithin = 240 },
    ];

    /// <summary>Runs it once.</summary>
    /// <param name="seed">Of all draws.</param>
    /// <param name="learns">False: each block is a bet, whatever the old replicas show.</param>
    public GateTrial Run(int seed, bool learns = true) => GateTrial.Run(new DisturbedFleet(seed, Traits).Next, Rules, WatchedBefore, learns: learns);
}
