namespace InferenceRuntime.Contract;

/// <summary>The types of the text exposition format that a replica uses.</summary>
public enum PrometheusMetricType
{
    Counter,
    Gauge,
    Histogram,
}
