using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Workloads;

/// <summary>Where replicas run: a Kubernetes cluster, or child processes on this machine.</summary>
/// <remarks>Called for one agent by one owner at a time, for different agents concurrently.</remarks>
internal interface IWorkloads
{
    /// <summary>What runs for the agent now. Does not change anything and does not wait for anything to happen.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <exception cref="WorkloadException">The back end cannot be asked at the moment; the message is for people.</exception>
    ValueTask<RunningWorkload> ObserveAsync(InferenceAgent agent, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the plan so, or sets that in motion; what takes longer is seen by later observations. The same plan a second time
    /// changes nothing. The settings reach running replicas through their admin port; the back end only sees to it that a
    /// replica that starts later comes up with them.
    /// </summary>
    /// <param name="plan">What is to run.</param>
    /// <param name="cancellationToken">Ends the work; what was done stays.</param>
    /// <exception cref="WorkloadException">The plan could not be applied; the message is for people.</exception>
    ValueTask ApplyAsync(WorkloadPlan plan, CancellationToken cancellationToken);
}
