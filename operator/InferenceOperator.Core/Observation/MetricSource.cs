namespace InferenceOperator.Core.Observation;

/// <summary>Where a sample came from.</summary>
public enum MetricSource
{
    /// <summary>Queried from Prometheus.</summary>
    Prometheus,

    /// <summary>Read from the replica itself.</summary>
    Scrape,
}
