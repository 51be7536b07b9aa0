using System.Collections.Immutable;

namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>s(b) = a + m·b with noise, drift and a faster variant. Immutable.</summary>
public sealed record ServiceFit
{
    /// <summary>a, seconds, at least 0.</summary>
    public required double Fixed { get; init; }

    /// <summary>m, seconds per row, at least 0; a + m is above 0.</summary>
    public required double PerRow { get; init; }

    /// <summary>Standard deviation over mean, 0 to 1.</summary>
    public double Noise { get; init; }

    public NoiseShape NoiseShape { get; init; }

    /// <summary>Ascending in time.</summary>
    public ImmutableArray<Drift> Drifts { get; init; } = [];

    /// <summary>How many times faster the burst variant is, at least 1; 1: there is none.</summary>
    public double BurstSpeed { get; init; } = 1;

    /// <summary>Mean seconds of an execution, before drift.</summary>
    public double Mean(int rows) => Fixed + (PerRow * rows);
}
