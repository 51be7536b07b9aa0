using System.Collections.Immutable;

namespace InferenceRuntime.Core.Tensors;

/// <summary>One input or output as the model declares it.</summary>
/// <param name="Name">The tensor's name in the model.</param>
/// <param name="Datatype">Element type.</param>
/// <param name="Shape">Dimensions; −1 where any length is accepted. Empty for a scalar.</param>
public sealed record TensorSpec(string Name, Datatype Datatype, ImmutableArray<long> Shape);
