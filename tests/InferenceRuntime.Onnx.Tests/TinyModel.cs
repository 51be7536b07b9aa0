using Google.Protobuf;
using InferenceRuntime.Onnx.Schema;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Onnx.Tests;

/// <summary>Builds small models in code.</summary>
internal static class TinyModel
{
    public const long OperatorSet = 17;

    /// <summary>A model of these nodes.</summary>
    public static ModelProto Of(ValueInfoProto[] inputs, ValueInfoProto[] outputs, NodeProto[] nodes, long operatorSet = OperatorSet)
    {
        var graph = new GraphProto { Name = "tiny" };
        graph.Input.Add(inputs);
        graph.Output.Add(outputs);
        graph.Node.Add(nodes);
        var model = new ModelProto { IrVersion = 8, ProducerName = "tests", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = string.Empty, Version = operatorSet });
        return model;
    }

    /// <summary>One Identity from <c>x</c> to <c>y</c>.</summary>
    public static ModelProto Identity(DataType type, params object[] shape) =>
        Of([Value("x", type, shape)], [Value("y", type, shape)], [Node("Identity", ["x"], ["y"])]);

    /// <summary>A tensor value; a dimension is a number, or a name, an empty one for a length that varies without a name.</summary>
    public static ValueInfoProto Value(string name, DataType type, params object[] shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var dimension in shape)
        {
            dimensions.Dim.Add(dimension switch
            {
                int length => new TensorShapeProto.Types.Dimension { DimValue = length },
                "" => new TensorShapeProto.Types.Dimension(),
                string symbol => new TensorShapeProto.Types.Dimension { DimParam = symbol },
                _ => throw new ArgumentException("a dimension is a number or a name", nameof(shape)),
            });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } },
        };
    }

    /// <summary>A node.</summary>
    public static NodeProto Node(string operation, string[] inputs, string[] outputs, string domain = "")
    {
        var node = new NodeProto { OpType = operation, Name = $"{operation}_{string.Join('_', outputs)}", Domain = domain };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        return node;
    }

    /// <summary>The node with one more attribute, a list of integers.</summary>
    public static NodeProto With(this NodeProto node, string attribute, params long[] values)
    {
        var added = new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Ints };
        added.Ints.Add(values);
        node.Attribute.Add(added);
        return node;
    }

    /// <summary>The node with one more attribute, an integer.</summary>
    public static NodeProto With(this NodeProto node, string attribute, long value)
    {
        node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Int, I = value });
        return node;
    }

    /// <summary>The model with one more initializer of 64-bit integers.</summary>
    public static ModelProto WithIntegers(this ModelProto model, string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Int64 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.Add(values);
        model.Graph.Initializer.Add(tensor);
        return model;
    }

    /// <summary>The model with one more initializer of floats that lies in another file.</summary>
    public static ModelProto WithExternalFloats(this ModelProto model, string name, int count, string location, long offset = 0)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)DataType.Float,
            DataLocation = TensorProto.Types.DataLocation.External,
        };
        tensor.Dims.Add(count);
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{offset}" });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{count * sizeof(float)}" });
        model.Graph.Initializer.Add(tensor);
        return model;
    }

    /// <summary>The bytes of the file.</summary>
    public static byte[] Bytes(this ModelProto model) => model.ToByteArray();
}
