using System.Collections.Immutable;

namespace InferenceRuntime.Core.Tensors;

/// <summary>One input or output as the model declares it.</summary>
/// <param name="Name">The tensor's name in the model.</param>
/// <param name="Datatype">Element type.</param>
/// <param name="Shape">Dimensions; −1 where any length is accepted. Empty for a scalar.</param>
public sealed record TensorSpec(string Name, Datatype Datatype, ImmutableArray<long> Shape)
{
    /// <summary>The model's names for its dimensions, as many as there are; empty where it gives none. Tensors that share a name share the length.</summary>
    public ImmutableArray<string> AxisNames { get; init; } = [.. Shape.Select(static _ => "")];
}
