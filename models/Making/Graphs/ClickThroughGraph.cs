using InferenceRuntime.Onnx.Schema;
using ModelMaking.Clicks;
using ModelMaking.Training;

namespace ModelMaking.Graphs;

/// <summary>The click-through model as ONNX: <c>fields</c> int64 [batch, 6] → <c>probability</c> float32 [batch, 1].</summary>
internal static class ClickThroughGraph
{
    public static byte[] Write(ClickThroughModel model)
    {
        const int width = ClickThroughModel.Width;
        const int fields = ClickFields.Count;
        var graph = new OnnxGraph("click-through", "How likely a click is (DeepFM): user, item, category, device, hour and position, in one vocabulary.");
        var ids = graph.Input("fields", fields);
        var axis1 = graph.Constant("axis_1", [1L], 1);
        var embedded = graph.Node("Gather", [graph.Constant("embeddings", model.Embeddings.Values, ClickFields.Vocabulary, width), ids], ("axis", 0));
        var single = graph.Node("Gather", [graph.Constant("first", model.First.Values, ClickFields.Vocabulary), ids], ("axis", 0));
        var firstOrder = graph.Node("ReduceSum", [single, axis1], ("keepdims", 1));

        var sum = graph.Node("ReduceSum", [embedded, axis1], ("keepdims", 0));
        var ofSquares = graph.Node("ReduceSum", [graph.Node("Mul", [embedded, embedded]), axis1], ("keepdims", 0));
        var pairs = graph.Node("ReduceSum", [graph.Node("Sub", [graph.Node("Mul", [sum, sum]), ofSquares]), axis1], ("keepdims", 1));
        var secondOrder = graph.Node("Mul", [pairs, graph.Constant("half", [0.5f])]);

        var deep = graph.Node("Reshape", [embedded, graph.Constant("flat", [-1L, fields * width], 2)]);
        foreach (var (number, layer) in model.Layers.Index())
        {
            deep = Dense(graph, layer, number, deep);
            deep = number < model.Layers.Count - 1 ? graph.Node("Relu", [deep]) : deep;
        }

        var logit = graph.Node("Add", [graph.Node("Add", [graph.Node("Add", [firstOrder, secondOrder]), deep]), graph.Constant("bias", model.Bias.Values, 1)]);
        graph.Node("Sigmoid", [logit], ["probability"]);
        graph.Output("probability", TensorProto.Types.DataType.Float, 1);
        return graph.ToBytes();
    }

    internal static string Dense(OnnxGraph graph, DenseLayer layer, int number, string x) => graph.Node(
        "Gemm",
        [x, graph.Constant($"weights_{number}", layer.Matrix.Values, layer.Outputs, layer.Inputs), graph.Constant($"biases_{number}", layer.Bias.Values, layer.Outputs)],
        ("transB", 1));
}
