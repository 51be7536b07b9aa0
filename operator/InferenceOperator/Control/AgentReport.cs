using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Control;

/// <summary>One control step with what it looked at and what came of it.</summary>
/// <param name="Agent">The agent.</param>
/// <param name="Workload">What ran when the step was taken.</param>
/// <param name="Step">What the step says.</param>
/// <param name="Status">The status after it, whether or not it was worth writing.</param>
internal sealed record AgentReport(InferenceAgent Agent, WorkloadObservation Workload, ControlStep Step, AgentStatus Status);
