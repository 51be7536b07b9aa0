using System.Collections.Immutable;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Variants;

/// <summary>Whether one model can answer in the place of another.</summary>
internal static class SignatureAgreement
{
    /// <summary>The first difference that a client could see; null when there is none.</summary>
    public static string? Difference(ModelSignature full, ModelSignature variant)
    {
        if (full.Batched != variant.Batched)
        {
            return variant.Batched ? "it runs rows together and the full model does not" : "it runs one request at a time and the full model does not";
        }

        return Difference("input", full.Inputs, variant.Inputs) ?? Difference("output", full.Outputs, variant.Outputs);
    }

    private static string? Difference(string what, ImmutableArray<TensorSpec> full, ImmutableArray<TensorSpec> variant)
    {
        if (full.Length != variant.Length)
        {
            return $"it has {variant.Length} {what}s, the full model {full.Length}";
        }

        for (var i = 0; i < full.Length; i++)
        {
            var (a, b) = (full[i], variant[i]);
            if (a.Name != b.Name || a.Datatype != b.Datatype || !a.Shape.SequenceEqual(b.Shape))
            {
                return $"its {what} {i} is {Text(b)}, the full model's {Text(a)}";
            }
        }

        return null;
    }

    private static string Text(TensorSpec spec) => $"'{spec.Name}' {spec.Datatype.WireName()} [{string.Join(',', spec.Shape)}]";
}
