namespace InferenceOperator.Core.Tests.Rollout.Trials;

/// <summary>What replicas suffer, and what the new one is like.</summary>
internal sealed record FleetTraits
{
    /// <summary>Replicas of the old revision.</summary>
    public int Old { get; init; } = 2;

    /// <summary>Requests per second and replica.</summary>
    public double Rate { get; init; } = 100;

    /// <summary>Share of requests that miss the SLO while nothing disturbs.</summary>
    public double MissedCalm { get; init; } = 0.005;

    /// <summary>Share of executions that fail, of both sides.</summary>
    public double FailedAnyway { get; init; } = 0.0002;

    /// <summary>How many times longer executions take while a neighbour disturbs a replica; 1: none does.</summary>
    public double Disturbed { get; init; } = 1;

    /// <summary>Seconds that a disturbance lasts.</summary>
    public double DisturbedFor { get; init; } = 15;

    /// <summary>True: that is the mean of an exponential distribution. False: each lasts so long.</summary>
    public bool IsDisturbedAtRandom { get; init; }

    /// <summary>Seconds between two of one replica on average.</summary>
    public double DisturbedEvery { get; init; } = 150;

    /// <summary>Standard deviation of the logarithm of a replica's speed, which wanders by itself.</summary>
    public double Noise { get; init; }

    /// <summary>Seconds after which that noise is forgotten to 1/e.</summary>
    public double NoiseFor { get; init; } = 60;

    /// <summary>Standard deviation of the logarithm of the load that all share, drawn anew every ten minutes on average.</summary>
    public double LoadSteps { get; init; }

    /// <summary>How many times longer the new revision's executions take.</summary>
    public double Slower { get; init; } = 1;

    /// <summary>Share of the new revision's executions that fail besides.</summary>
    public double Failing { get; init; }
}
