using Google.Protobuf;
using InferenceRuntime.Onnx.Schema;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>The language transformer cut off behind the first of its three layers: the same inputs and outputs, less than half the time, less accurate.</summary>
/// <remarks>Not trained anew, so that it is a stand-in for a distilled variant in speed, and says what real weights say.</remarks>
internal static class ShallowModel
{
    private const string FirstOut = "/b.0/Add_1_output_0";
    private const string LastOut = "/b.2/Add_1_output_0";

    private static readonly string[] Left = ["/b.1/", "/b.2/"];

    /// <summary>Reads the whole model and writes the cut one.</summary>
    public static void Write(string whole, string cut)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(whole));
        var graph = model.Graph;
        var kept = graph.Node.Where(static node => !Left.Any(layer => node.Name.StartsWith(layer, StringComparison.Ordinal))).ToList();
        foreach (var node in kept)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == LastOut ? FirstOut : node.Input[i];
            }
        }

        var used = kept.SelectMany(static node => node.Input).ToHashSet(StringComparer.Ordinal);
        var weights = graph.Initializer.Where(weight => used.Contains(weight.Name)).ToList();
        graph.Node.Clear();
        graph.Node.Add(kept);
        graph.Initializer.Clear();
        graph.Initializer.Add(weights);
        using var output = File.Create(cut);
        model.WriteTo(output);
    }
}
