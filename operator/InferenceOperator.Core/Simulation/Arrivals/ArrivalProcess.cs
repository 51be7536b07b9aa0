namespace InferenceOperator.Core.Simulation.Arrivals;

/// <summary>Open-loop arrivals, one at a time. One owner; not thread safe.</summary>
public abstract class ArrivalProcess
{
    /// <summary>Time of the next arrival, seconds since the start, never before the last one; infinite when none is known; asked again when time moves on.</summary>
    public abstract double Next();
}
