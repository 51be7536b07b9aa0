using System.Buffers.Binary;
using Google.Protobuf;
using InferenceRuntime.Onnx.Schema;

namespace ModelMaking.Graphs;

/// <summary>An ONNX model that is put together node by node; operator set 17.</summary>
internal sealed class OnnxGraph(string name, string description)
{
    private const int IrVersion = 8;
    private const int OperatorSet = 17;

    private readonly GraphProto _graph = new() { Name = name, DocString = description };
    private int _nodes;

    /// <summary>An input of int64, [batch, <paramref name="columns"/>].</summary>
    public string Input(string input, int columns)
    {
        _graph.Input.Add(Value(input, TensorProto.Types.DataType.Int64, columns));
        return input;
    }

    /// <summary>Makes a value an output, [batch, <paramref name="columns"/>].</summary>
    public void Output(string value, TensorProto.Types.DataType type, int columns) => _graph.Output.Add(Value(value, type, columns));

    /// <summary>A constant of float32.</summary>
    public string Constant(string constant, ReadOnlySpan<float> values, params long[] shape)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        return Add(constant, TensorProto.Types.DataType.Float, bytes, shape);
    }

    /// <summary>A constant of int64, one axis; or a scalar.</summary>
    public string Constant(string constant, ReadOnlySpan<long> values, params long[] shape)
    {
        var bytes = new byte[values.Length * sizeof(long)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        }

        return Add(constant, TensorProto.Types.DataType.Int64, bytes, shape);
    }

    /// <summary>A node with one output, whose name it answers with.</summary>
    public string Node(string operation, string[] inputs, params (string Name, long Value)[] attributes)
    {
        var output = $"{operation.ToLowerInvariant()}_{_nodes + 1}";
        Node(operation, inputs, [output], attributes);
        return output;
    }

    public void Node(string operation, string[] inputs, string[] outputs, params (string Name, long Value)[] attributes)
    {
        var node = new NodeProto { Name = $"{operation}_{++_nodes}", OpType = operation };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        foreach (var (attribute, value) in attributes)
        {
            node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeProto.Types.AttributeType.Int, I = value });
        }

        _graph.Node.Add(node);
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes()
    {
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "model-making", Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OperatorSet });
        return model.ToByteArray();
    }

    private string Add(string constant, TensorProto.Types.DataType type, byte[] bytes, long[] shape)
    {
        var tensor = new TensorProto { Name = constant, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        _graph.Initializer.Add(tensor);
        return constant;
    }

    private static ValueInfoProto Value(string value, TensorProto.Types.DataType type, int columns) => new()
    {
        Name = value,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)type,
                Shape = new TensorShapeProto
                {
                    Dim = { new TensorShapeProto.Types.Dimension { DimParam = "batch" }, new TensorShapeProto.Types.Dimension { DimValue = columns } },
                },
            },
        },
    };
}
