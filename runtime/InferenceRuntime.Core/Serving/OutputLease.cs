using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Serving;

/// <summary>One request's outputs in memory that is lent.</summary>
/// <param name="Outputs">One tensor for each output of the signature; empty where not wanted. Valid until the release.</param>
/// <param name="Release">Gives the memory back; called exactly once. Null: nothing to give back.</param>
public readonly record struct OutputLease(TensorContent[] Outputs, Action? Release);
