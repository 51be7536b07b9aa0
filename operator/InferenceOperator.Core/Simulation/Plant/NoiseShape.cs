namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>How execution times spread around their mean.</summary>
public enum NoiseShape
{
    /// <summary>Normal, cut at a twentieth of the mean.</summary>
    Normal,

    /// <summary>Lognormal with the same mean.</summary>
    Lognormal,
}
