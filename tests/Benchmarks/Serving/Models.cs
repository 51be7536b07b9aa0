using InferenceOperator.Testing;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>The models that the suite serves: the repository's own, and ones made into a folder.</summary>
internal sealed class Models(string folder)
{
    /// <summary>The folder of the repository's own models.</summary>
    public static string Folder { get; } = Repository.File("models");

    /// <summary>What goes in comes out.</summary>
    public ServedModel Identity
    {
        get
        {
            var file = Path.Combine(folder, "identity.onnx");
            IdentityModel.Write(file);
            return new ServedModel("identity", file, [1, 16, 64]);
        }
    }

    public ServedModel DigitsMlp { get; } = new("digits-mlp", Path.Combine(Folder, "digits-mlp.onnx"), [1, 16, 32, 64]);

    public ServedModel DigitsCnn { get; } = new("digits-cnn", Path.Combine(Folder, "digits-cnn.onnx"), [1, 16, 64]);

    public ServedModel Language { get; } = new("language-transformer", Path.Combine(Folder, "language-transformer.onnx"), [1, 8, 32, 64]);

    public ServedModel MobileNet => Random("mobilenet-v2", [1, 2, 4, 8]);

    public ServedModel Encoder => Random("encoder", [1, 4, 8, 16]);

    private ServedModel Random(string name, IReadOnlyList<int> buckets)
    {
        var file = Path.Combine(folder, $"{name}.onnx");
        if (!File.Exists(file))
        {
            RandomWeights.Fill(Path.Combine(Folder, $"{name}.graph.onnx"), file, seed: 1);
        }

        return new ServedModel(name, file, buckets);
    }
}
