namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>Which ready replica gets a request; a closed set.</summary>
public enum Routing
{
    /// <summary>The one with the fewest requests outstanding, ties in rotation.</summary>
    LeastOutstanding,

    /// <summary>Any, by lot.</summary>
    Random,

    /// <summary>One after the other.</summary>
    RoundRobin,
}
