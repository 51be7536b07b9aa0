using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>One run of a model before it served.</summary>
/// <param name="Request">What was run.</param>
/// <param name="Duration">How long it took, in timestamps.</param>
internal readonly record struct TrialRun(InferenceRequest Request, long Duration);
