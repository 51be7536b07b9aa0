using InferenceRuntime.Onnx.Schema;
using Xunit.Abstractions;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Onnx.Tests;

/// <summary>Damaged model files: small whole models, and the graphs of real ones.</summary>
public sealed class OnnxFuzzTests(ITestOutputHelper output)
{
    /// <summary>Bytes that a check allocates for each byte of the file, at most: a message of two bytes becomes an object and its place in a list.</summary>
    private const int AllocatedPerByteMax = 256;

    private static readonly OnnxLimits Limits = new(OperatorSetMax: 20);

    [Fact]
    public void A_damaged_file_is_accepted_or_refused_in_few_words_and_little_memory()
    {
        byte[][] seeds = [.. Seeds()];
        var accepted = 0;
        var cases = new FuzzRun(output, "ONNX files").Run(50_000, random =>
        {
            var file = OnnxMutation.Draw(random, seeds[random.Next(seeds.Length)]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var check = OnnxFile.Check(file, Limits);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= (1 << 20) + ((long)AllocatedPerByteMax * file.Length), $"{allocated} bytes allocated for a file of {file.Length}");
            accepted += check is OnnxCheck.Accepted ? 1 : 0;
            if (check is OnnxCheck.Accepted sound)
            {
                Assert.All(sound.Summary.ExternalFiles, static e => Assert.True(e.Location.Length > 0 && e.Offset >= 0 && !Path.IsPathRooted(e.Location) && !e.Location.Split('/', '\\').Contains("..")));
            }
        });

        Assert.True(cases < 100 || (accepted > cases / 50 && accepted < cases), $"{accepted} of {cases} accepted");
    }

    private static IEnumerable<byte[]> Seeds()
    {
        yield return TinyModel.Identity(DataType.Float, "n", 3).Bytes();
        var external = TinyModel.Identity(DataType.Float, "n", 3);
        var tensor = new TensorProto { Name = "w", DataType = (int)DataType.Float, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(4);
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = "16" });
        external.Graph.Initializer.Add(tensor);
        yield return external.Bytes();
        var nested = TinyModel.Identity(DataType.Float, "n", 3);
        for (var depth = 0; depth < 20; depth++)
        {
            var outer = TinyModel.Identity(DataType.Float, "n", 3);
            outer.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = nested.Graph });
            nested = outer;
        }

        yield return nested.Bytes();
        yield return File.ReadAllBytes(Repository.File("models", "mobilenet-v2.graph.onnx"));
    }
}
