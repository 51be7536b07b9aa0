using System.Collections.Immutable;
using System.Globalization;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Reads what a model takes and gives, and whether its rows may run together.</summary>
internal static class SignatureReader
{
    /// <summary>Why the protocol cannot carry the values that the file declares; null when it can.</summary>
    public static string? Fault(OnnxSummary summary)
    {
        if (summary.Outputs.Length > ModelSignature.OutputsMax)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"the model has {summary.Outputs.Length} outputs, at most {ModelSignature.OutputsMax} can be served");
        }

        foreach (var input in summary.Inputs)
        {
            if (Fault(input, "input") is { } fault)
            {
                return fault;
            }

            if (input.Shape is null)
            {
                return $"input '{input.Name}' declares no shape";
            }
        }

        foreach (var output in summary.Outputs)
        {
            if (Fault(output, "output") is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Reads the session's own view, which knows more than the file: shapes have been inferred.</summary>
    public static SignatureReading Read(InferenceSession session, OnnxSummary summary)
    {
        var inputs = Specs(session.InputNames, session.InputMetadata, out var inputAxes);
        var outputs = Specs(session.OutputNames, session.OutputMetadata, out var outputAxes);
        if (inputs is null || outputs is null)
        {
            return new SignatureReading.Unsupported("an input or output has an element type that the protocol does not have");
        }

        var unbatched = UnbatchedBecause(
            [.. inputAxes, .. outputAxes], [.. inputs.Value, .. outputs.Value], inputs.Value.Length);
        foreach (var output in summary.Outputs)
        {
            if (output.Shape is null && session.OutputMetadata[output.Name].Dimensions.Length == 0)
            {
                unbatched ??= $"output '{output.Name}' declares no shape";
            }
        }

        return new SignatureReading.Served(inputs.Value, outputs.Value, unbatched);
    }

    private static string? Fault(OnnxValue value, string what) => value.Kind switch
    {
        OnnxValueKind.Tensor when ElementTypes.FromOnnx(value.ElementType) is null =>
            $"{what} '{value.Name}' has element type {value.ElementType}, which the protocol does not have",
        OnnxValueKind.Tensor or OnnxValueKind.Unknown => null,
        OnnxValueKind.SparseTensor or OnnxValueKind.Sequence or OnnxValueKind.Map or OnnxValueKind.Optional =>
            $"{what} '{value.Name}' is a {value.Kind.ToString().ToLowerInvariant()}, only tensors can be served",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static ImmutableArray<TensorSpec>? Specs(
        IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> metadata, out List<string?> axes)
    {
        axes = [];
        var specs = ImmutableArray.CreateBuilder<TensorSpec>(names.Count);
        foreach (var name in names)
        {
            var tensor = metadata[name];
            if (tensor.OnnxValueType is not OnnxValueType.ONNX_TYPE_TENSOR || FromRuntime(tensor.ElementDataType) is not { } datatype)
            {
                return null;
            }

            // The name of the batch axis; null when axis 0 is missing or fixed.
            var dimensions = tensor.Dimensions;
            axes.Add(dimensions.Length > 0 && dimensions[0] < 0 ? tensor.SymbolicDimensions[0] : null);
            specs.Add(new TensorSpec(name, datatype, [.. dimensions.Select(dimension => dimension < 0 ? -1L : dimension)])
            {
                AxisNames = [.. tensor.SymbolicDimensions.Select(static axis => axis ?? "")],
            });
        }

        return specs.MoveToImmutable();
    }

    private static string? UnbatchedBecause(List<string?> axes, List<TensorSpec> tensors, int inputs)
    {
        if (inputs == 0)
        {
            return "it has no inputs";
        }

        for (var i = 0; i < axes.Count; i++)
        {
            var what = i < inputs ? "input" : "output";
            if (axes[i] is null)
            {
                return $"axis 0 of {what} '{tensors[i].Name}' does not vary";
            }

            if (axes[i] != axes[0])
            {
                return $"axis 0 of {what} '{tensors[i].Name}' is '{axes[i]}', of input '{tensors[0].Name}' '{axes[0]}'";
            }
        }

        return null;
    }

    private static Datatype? FromRuntime(TensorElementType type)
    {
        foreach (var datatype in Enum.GetValues<Datatype>())
        {
            if (ElementTypes.Of(datatype) == type)
            {
                return datatype;
            }
        }

        return null;
    }
}
