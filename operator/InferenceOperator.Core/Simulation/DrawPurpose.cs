namespace InferenceOperator.Core.Simulation;

/// <summary>What random numbers are drawn for; each has a stream of its own.</summary>
internal enum DrawPurpose
{
    Arrivals = 1,
    Service,
    StartUp,
    Lifetime,
    Routing,
    MetricNoise,
    MetricLoss,
    BatchRule,
    Bootstrap,
}
