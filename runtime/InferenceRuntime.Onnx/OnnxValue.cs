using System.Collections.Immutable;

namespace InferenceRuntime.Onnx;

/// <summary>An input or output of a graph as it is declared.</summary>
/// <param name="Name">Its name, never empty.</param>
/// <param name="Kind">What sort of value it is.</param>
/// <param name="ElementType">Name of the element type in ONNX, for example <c>FLOAT</c>; empty unless a tensor.</param>
/// <param name="Shape">Dimensions; null when even the rank is not declared.</param>
public sealed record OnnxValue(string Name, OnnxValueKind Kind, string ElementType, ImmutableArray<OnnxDimension>? Shape);
