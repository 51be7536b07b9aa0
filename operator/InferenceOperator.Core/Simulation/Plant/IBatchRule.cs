namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>A batch limit that a replica finds for itself, execution by execution. One per replica process.</summary>
public interface IBatchRule
{
    /// <summary>Requests that have waited longer are dropped when an execution begins, seconds; infinite: none is.</summary>
    double ExpiresAfterSeconds { get; }

    /// <summary>Most rows in the execution that is about to begin, at least 1.</summary>
    /// <param name="headAgeSeconds">How long the oldest request has waited.</param>
    int Limit(double headAgeSeconds);

    /// <summary>An execution has ended.</summary>
    /// <param name="rows">Rows in it.</param>
    /// <param name="seconds">How long it took.</param>
    void Completed(int rows, double seconds);
}
