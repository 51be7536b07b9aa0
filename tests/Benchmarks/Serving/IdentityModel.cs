using InferenceRuntime.Onnx.Schema;
using Google.Protobuf;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A model that gives back what it gets, 64 floats a row: what is left is the protocol's cost.</summary>
internal static class IdentityModel
{
    private const int Float32 = 1;   // TensorProto.DataType.FLOAT
    private const int Columns = 64;

    /// <summary>Writes the model.</summary>
    public static void Write(string file)
    {
        var graph = new GraphProto { Name = "identity" };
        graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } });
        graph.Input.Add(Rows("x"));
        graph.Output.Add(Rows("y"));
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        using var output = File.Create(file);
        model.WriteTo(output);
    }

    private static ValueInfoProto Rows(string name) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = Float32,
                Shape = new TensorShapeProto
                {
                    Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension { DimValue = Columns } },
                },
            },
        },
    };
}
