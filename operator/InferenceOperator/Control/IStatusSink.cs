using InferenceOperator.Core.Resource;

namespace InferenceOperator.Control;

/// <summary>Where an agent's status is written: the API server, or this process' own memory.</summary>
internal interface IStatusSink
{
    /// <summary>Replaces the agent's status.</summary>
    /// <param name="agent">The agent as the loop knows it; its status is what was written before.</param>
    /// <param name="status">The new status.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="Workloads.WorkloadException">It could not be written; it is tried again with backoff.</exception>
    ValueTask WriteAsync(InferenceAgent agent, AgentStatus status, CancellationToken cancellationToken);
}
