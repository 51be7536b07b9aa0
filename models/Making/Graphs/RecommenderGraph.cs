using InferenceRuntime.Onnx.Schema;
using ModelMaking.Training;

namespace ModelMaking.Graphs;

/// <summary>The recommender as ONNX: <c>history</c> int64 [batch, 20] → <c>items</c> int64 [batch, 10], best first, and their <c>scores</c> float32 [batch, 10].</summary>
internal static class RecommenderGraph
{
    /// <summary>Items that are recommended.</summary>
    public const int Best = 10;

    public static byte[] Write(RecommenderModel model)
    {
        const int width = RecommenderModel.Width;
        var graph = new OnnxGraph("recommender", "Ten items for somebody who clicked these: items from 1, newest first, 0 for nothing.");
        var history = graph.Input("history", NextClick.Length);
        var axis1 = graph.Constant("axis_1", [1L], 1);
        var zero = graph.Constant("zero", [0L]);
        var present = graph.Node("Cast", [graph.Node("Greater", [history, zero])], ("to", (long)TensorProto.Types.DataType.Float));
        var mask = graph.Node("Unsqueeze", [present, graph.Constant("axis_2", [2L], 1)]);
        var embedded = graph.Node("Gather", [graph.Constant("inputs", model.Inputs.Values, model.Items + 1, width), history], ("axis", 0));
        var sum = graph.Node("ReduceSum", [graph.Node("Mul", [embedded, mask]), axis1], ("keepdims", 0));
        var count = graph.Node("Max", [graph.Node("ReduceSum", [present, axis1], ("keepdims", 1)), graph.Constant("one", [1f])]);
        var mean = graph.Node("Div", [sum, count]);

        var hidden = graph.Node("Relu", [ClickThroughGraph.Dense(graph, model.Layers[0], 0, mean)]);
        var query = ClickThroughGraph.Dense(graph, model.Layers[1], 1, hidden);

        // Row 0 stands for nothing: it is no recommendation.
        var scores = graph.Node(
            "Gemm",
            [query, graph.Constant("outputs", model.Outputs.Values.AsSpan(width), model.Items, width), graph.Constant("item_biases", model.Biases.Values.AsSpan(1), model.Items)],
            ("transB", 1));
        graph.Node("TopK", [scores, graph.Constant("best", [(long)Best], 1)], ["scores", "places"], ("axis", -1));
        graph.Node("Add", ["places", graph.Constant("from_one", [1L])], ["items"]);
        graph.Output("items", TensorProto.Types.DataType.Int64, Best);
        graph.Output("scores", TensorProto.Types.DataType.Float, Best);
        return graph.ToBytes();
    }
}
