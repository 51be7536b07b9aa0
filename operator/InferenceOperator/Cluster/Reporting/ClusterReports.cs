using InferenceOperator.Control;
using InferenceOperator.Decisions;

namespace InferenceOperator.Cluster.Reporting;

/// <summary>Passes each control step to those who keep records of it.</summary>
/// <param name="tail">The latest records, for the endpoint.</param>
/// <param name="log">The file; null: none is kept.</param>
internal sealed class ClusterReports(DecisionTail tail, DecisionLog? log) : IAgentReports
{
    private long _steps;

    /// <summary>Control steps so far, of all agents.</summary>
    public long Steps => Interlocked.Read(ref _steps);

    public void Take(AgentReport report)
    {
        Interlocked.Increment(ref _steps);
        tail.Take(report);
        log?.Take(report);
    }

    /// <summary>Forgets an agent that is gone.</summary>
    public void Forget(string agent)
    {
        tail.Forget(agent);
        log?.Forget(agent);
    }
}
