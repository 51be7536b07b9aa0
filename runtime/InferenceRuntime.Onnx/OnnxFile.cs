using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using InferenceRuntime.Onnx.Checking;
using InferenceRuntime.Onnx.Schema;

namespace InferenceRuntime.Onnx;

/// <summary>Reads and checks model files in the ONNX format.</summary>
public static class OnnxFile
{
    /// <summary>The domain of the standard's own operators.</summary>
    public const string DefaultDomain = "ai.onnx";

    /// <summary>Checks the bytes of a model file. Does not look at external data: see <see cref="MissingExternalData"/>.</summary>
    /// <remarks>Cost: one pass over the outer fields, then one parse that holds the weights once more while it lasts.</remarks>
    public static OnnxCheck Check(ReadOnlySpan<byte> file, OnnxLimits limits)
    {
        if (ModelFraming.Fault(file) is { } framing)
        {
            return new OnnxCheck.Rejected(framing);
        }

        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(file);
        }
        catch (InvalidProtocolBufferException exception)
        {
            return new OnnxCheck.Rejected($"damaged: {exception.Message}");
        }

        return Check(model, limits);
    }

    /// <summary>What is wrong with the external data of a model in <paramref name="folder"/>; null when it is all there.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static string? MissingExternalData(OnnxSummary summary, string folder)
    {
        foreach (var piece in summary.ExternalFiles)
        {
            var file = new FileInfo(Path.Combine(folder, piece.Location));
            if (!file.Exists)
            {
                return $"external data of tensor '{piece.Tensor}': file '{piece.Location}' is missing";
            }

            if (piece.Offset > file.Length || piece.Length > file.Length - piece.Offset)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"external data of tensor '{piece.Tensor}': file '{piece.Location}' has {file.Length} bytes, {piece.Offset} + {Math.Max(0, piece.Length)} are needed");
            }
        }

        return null;
    }

    internal static OnnxCheck Check(ModelProto model, OnnxLimits limits)
    {
        if (ModelFault(model, limits) is { } fault)
        {
            return new OnnxCheck.Rejected(fault);
        }

        var walk = new GraphWalk(limits.NestingMax);
        if (walk.Fault(model.Graph) is { } graphFault)
        {
            return new OnnxCheck.Rejected(graphFault);
        }

        var filled = model.Graph.Initializer.Select(initializer => initializer.Name).ToHashSet(StringComparer.Ordinal);
        return new OnnxCheck.Accepted(new OnnxSummary(
            model.IrVersion,
            $"{model.ProducerName} {model.ProducerVersion}".Trim(),
            OperatorSets(model).ToImmutableSortedDictionary(StringComparer.Ordinal),
            [.. model.Graph.Input.Where(input => !filled.Contains(input.Name)).Select(Describe)],
            [.. model.Graph.Output.Select(Describe)],
            walk.InitializerBytes,
            walk.Nodes,
            [.. walk.Operators],
            [.. walk.External]));
    }

    private static string? ModelFault(ModelProto model, OnnxLimits limits)
    {
        if (model.IrVersion < 1)
        {
            return "not an ONNX file: ir_version is missing";
        }

        if (model.Graph is null)
        {
            return "the model has no graph";
        }

        if (model.OpsetImport.Count == 0 && model.IrVersion >= 3)
        {
            return "the model imports no operator set";
        }

        foreach (var (domain, version) in OperatorSets(model))
        {
            if (domain == DefaultDomain && version > limits.OperatorSetMax)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"operator set {domain} version {version} is newer than version {limits.OperatorSetMax}, the last that the runtime knows");
            }
        }

        if (model.Graph.Node.Count == 0)
        {
            return "graph: it has no nodes";
        }

        if (model.Graph.Output.Count == 0)
        {
            return "graph: it has no outputs";
        }

        return NameFault(model.Graph.Input, "input") ?? NameFault(model.Graph.Output, "output");
    }

    private static string? NameFault(RepeatedField<ValueInfoProto> values, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].Name.Length == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"graph: {what} {i} has no name");
            }

            if (!seen.Add(values[i].Name))
            {
                return $"graph: two {what}s are named '{values[i].Name}'";
            }
        }

        return null;
    }

    private static Dictionary<string, long> OperatorSets(ModelProto model)
    {
        var sets = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var set in model.OpsetImport)
        {
            var domain = set.Domain.Length == 0 ? DefaultDomain : set.Domain;
            sets[domain] = Math.Max(set.Version, sets.GetValueOrDefault(domain));
        }

        return sets;
    }

    private static OnnxValue Describe(ValueInfoProto value)
    {
        var kind = value.Type?.ValueCase switch
        {
            TypeProto.ValueOneofCase.TensorType => OnnxValueKind.Tensor,
            TypeProto.ValueOneofCase.SparseTensorType => OnnxValueKind.SparseTensor,
            TypeProto.ValueOneofCase.SequenceType => OnnxValueKind.Sequence,
            TypeProto.ValueOneofCase.MapType => OnnxValueKind.Map,
            TypeProto.ValueOneofCase.OptionalType => OnnxValueKind.Optional,
            _ => OnnxValueKind.Unknown,
        };
        if (value.Type?.TensorType is not { } tensor)
        {
            return new OnnxValue(value.Name, kind, string.Empty, null);
        }

        var type = ((TensorProto.Types.DataType)tensor.ElemType).ToString().ToUpperInvariant();
        ImmutableArray<OnnxDimension>? shape = tensor.Shape is null ? null : [.. tensor.Shape.Dim.Select(Describe)];
        return new OnnxValue(value.Name, kind, type, shape);
    }

    private static OnnxDimension Describe(TensorShapeProto.Types.Dimension dimension) =>
        dimension.ValueCase is TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dimension.DimValue >= 0
            ? new OnnxDimension(dimension.DimValue, string.Empty)
            : new OnnxDimension(-1, dimension.DimParam);
}
