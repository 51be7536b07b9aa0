using InferenceRuntime.Contract;

namespace InferenceRuntime.Observability;

/// <summary>What became of a request; in the order of <see cref="RequestOutcomes.All"/>.</summary>
internal enum RequestOutcome
{
    Answered,
    Invalid,
    QueueFull,
    Expired,
    Cancelled,
    Draining,
    Failed,
}
