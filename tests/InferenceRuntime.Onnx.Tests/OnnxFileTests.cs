using InferenceRuntime.Onnx.Schema;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Onnx.Tests;

public sealed class OnnxFileTests
{
    private static readonly OnnxLimits Limits = new(OperatorSetMax: 25);

    private static readonly string Models = Repository.File("models");

    [Theory]
    [InlineData("digits-cnn.onnx", "image", "batch,1,8,8", "logits", "batch,10")]
    [InlineData("digits-mlp.onnx", "pixels", "batch,64", "logits", "batch,10")]
    [InlineData("tumour-mlp.onnx", "features", "batch,30", "logits", "batch,2")]
    [InlineData("language-transformer.onnx", "tokens", "batch,20", "logits", "batch,5")]
    public void A_real_model_is_summarized(string file, string input, string inputShape, string output, string outputShape)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Models, file));

        var summary = Accepted(bytes);

        Assert.Equal((input, inputShape), (summary.Inputs.Single().Name, Shape(summary.Inputs.Single())));
        Assert.Equal((output, outputShape), (summary.Outputs.Single().Name, Shape(summary.Outputs.Single())));
        Assert.Equal(13, summary.OperatorSets["ai.onnx"]);
        Assert.InRange(summary.InitializerBytes, bytes.Length * 8 / 10, bytes.Length);
        Assert.Empty(summary.ExternalFiles);
        Assert.True(summary.Nodes > 0 && summary.Operators.Length > 0);
    }

    [Fact]
    public void A_model_that_is_read_and_written_is_the_same_bytes()
    {
        var bytes = File.ReadAllBytes(Path.Combine(Models, "language-transformer.onnx"));

        Assert.Equal(bytes, ModelProto.Parser.ParseFrom(bytes).Bytes());
    }

    [Fact]
    public void A_field_that_the_schema_does_not_have_survives_a_rewrite()
    {
        // Field 20 of the model: training information, which is not in the schema.
        byte[] bytes = [.. TinyModel.Identity(DataType.Float, "n").Bytes(), 0xA2, 0x01, 0x02, 0x0A, 0x00];

        Assert.Equal(bytes, ModelProto.Parser.ParseFrom(bytes).Bytes());
    }

    [Theory]
    [InlineData(new byte[0], "not an ONNX file: it is empty")]
    [InlineData(new byte[] { 0x50, 0x4B, 3, 4 }, "not an ONNX file: it begins with the bytes 504B0304")]
    public void A_file_of_another_kind_is_named_as_such(byte[] bytes, string reason) => Assert.Equal(reason, Rejected(bytes));

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")]
    [InlineData("<html><body>not found</body></html>")]
    [InlineData("{\"error\": \"no\"}")]
    [InlineData("hello world")]
    public void A_text_is_no_model(string text) =>
        Assert.StartsWith("not an ONNX file: it begins with the bytes", Rejected(System.Text.Encoding.UTF8.GetBytes(text)), StringComparison.Ordinal);

    [Fact]
    public void A_file_cut_anywhere_is_rejected_and_mostly_named_truncated()
    {
        var whole = File.ReadAllBytes(Path.Combine(Models, "tumour-mlp.onnx"));
        var truncated = 0;
        const int Cuts = 200;
        for (var i = 1; i <= Cuts; i++)
        {
            var reason = Rejected(whole.AsSpan(0, (int)((long)whole.Length * i / (Cuts + 1))));
            truncated += reason.StartsWith("truncated: graph needs", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.Equal(Cuts, truncated);
    }

    [Fact]
    public void A_damaged_file_is_rejected_or_accepted_but_never_throws()
    {
        const int Seed = 20300101;
        var random = new Random(Seed);
        var whole = File.ReadAllBytes(Path.Combine(Models, "digits-cnn.onnx")).AsSpan(0, 4096).ToArray();
        byte[] tiny = TinyModel.Identity(DataType.Float, "n", 3).Bytes();
        foreach (var original in new[] { whole, tiny })
        {
            for (var round = 0; round < 2000; round++)
            {
                var damaged = (byte[])original.Clone();
                for (var flips = random.Next(1, 6); flips > 0; flips--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                Assert.True(OnnxFile.Check(damaged, Limits) is OnnxCheck.Accepted or OnnxCheck.Rejected, $"seed {Seed}, round {round}");
            }
        }
    }

    [Fact]
    public void A_value_that_nobody_produces_is_named_with_its_reader()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n")],
            [TinyModel.Value("y", DataType.Float, "n")],
            [TinyModel.Node("Add", ["x", "bias"], ["y"])]);

        Assert.Equal(
            "graph: node 0 (Add 'Add_y') reads 'bias', which no input, initializer or earlier node produces", Rejected(model.Bytes()));
    }

    [Fact]
    public void A_value_that_only_a_later_node_produces_is_named()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n")],
            [TinyModel.Value("y", DataType.Float, "n")],
            [TinyModel.Node("Relu", ["h"], ["y"]), TinyModel.Node("Identity", ["x"], ["h"])]);

        Assert.Contains("reads 'h'", Rejected(model.Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_subgraph_sees_the_values_around_it_and_is_checked_too()
    {
        GraphProto Branch(string reads)
        {
            var graph = new GraphProto { Name = "branch" };
            graph.Node.Add(TinyModel.Node("Identity", [reads], ["out"]));
            graph.Output.Add(TinyModel.Value("out", DataType.Float, "n"));
            return graph;
        }

        ModelProto With(string reads)
        {
            var node = TinyModel.Node("If", ["c"], ["y"]);
            node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch(reads) });
            node.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch("x") });
            return TinyModel.Of(
                [TinyModel.Value("x", DataType.Float, "n"), TinyModel.Value("c", DataType.Bool)],
                [TinyModel.Value("y", DataType.Float, "n")],
                [node]);
        }

        Assert.Equal(3, Accepted(With("x").Bytes()).Nodes);
        Assert.Contains("attribute 'then_branch': node 0 (Identity 'Identity_out') reads 'z'", Rejected(With("z").Bytes()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_nodes_outputs_graph_or_operator_set_is_rejected()
    {
        var noNodes = TinyModel.Identity(DataType.Float, "n");
        noNodes.Graph.Node.Clear();
        var noOutputs = TinyModel.Identity(DataType.Float, "n");
        noOutputs.Graph.Output.Clear();
        var noGraph = TinyModel.Identity(DataType.Float, "n");
        noGraph.Graph = null;
        var noSet = TinyModel.Identity(DataType.Float, "n");
        noSet.OpsetImport.Clear();
        var strayOutput = TinyModel.Identity(DataType.Float, "n");
        strayOutput.Graph.Output[0].Name = "z";

        Assert.Equal("graph: it has no nodes", Rejected(noNodes.Bytes()));
        Assert.Equal("graph: it has no outputs", Rejected(noOutputs.Bytes()));
        Assert.Equal("the model has no graph", Rejected(noGraph.Bytes()));
        Assert.Equal("the model imports no operator set", Rejected(noSet.Bytes()));
        Assert.Equal("graph: output 'z' is produced by no node", Rejected(strayOutput.Bytes()));
    }

    [Fact]
    public void An_operator_set_newer_than_the_runtime_is_named()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float)], [TinyModel.Value("y", DataType.Float)], [TinyModel.Node("Identity", ["x"], ["y"])], operatorSet: 26);

        Assert.Equal(
            "operator set ai.onnx version 26 is newer than version 25, the last that the runtime knows", Rejected(model.Bytes()));
    }

    [Theory]
    [InlineData("../weights.bin")]
    [InlineData("a/../../weights.bin")]
    [InlineData("..\\weights.bin")]
    [InlineData("/etc/passwd")]
    [InlineData("C:\\weights.bin")]
    [InlineData("*/_ORT_MEM_ADDR_/*")]
    [InlineData("")]
    public void External_data_outside_the_folder_is_refused(string location)
    {
        var reason = Rejected(WithWeights(location).Bytes());

        Assert.StartsWith("graph: initializer 'w': external data", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void External_data_must_be_there_in_full()
    {
        var folder = Directory.CreateTempSubdirectory("onnx-file-tests");
        try
        {
            var summary = Accepted(WithWeights("weights.bin").Bytes());

            Assert.Equal(new ExternalData("w", "weights.bin", 0, 16), summary.ExternalFiles.Single());
            Assert.Equal(16, summary.InitializerBytes);
            Assert.Equal("external data of tensor 'w': file 'weights.bin' is missing", OnnxFile.MissingExternalData(summary, folder.FullName));

            File.WriteAllBytes(Path.Combine(folder.FullName, "weights.bin"), new byte[15]);
            Assert.Equal(
                "external data of tensor 'w': file 'weights.bin' has 15 bytes, 0 + 16 are needed",
                OnnxFile.MissingExternalData(summary, folder.FullName));

            File.WriteAllBytes(Path.Combine(folder.FullName, "weights.bin"), new byte[16]);
            Assert.Null(OnnxFile.MissingExternalData(summary, folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Sequences_and_undeclared_shapes_are_told_apart_from_tensors()
    {
        var model = TinyModel.Identity(DataType.Float, "n");
        model.Graph.Input[0].Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence() };
        model.Graph.Output[0].Type.TensorType.Shape = null;

        var summary = Accepted(model.Bytes());

        Assert.Equal(OnnxValueKind.Sequence, summary.Inputs[0].Kind);
        Assert.Equal((OnnxValueKind.Tensor, "FLOAT"), (summary.Outputs[0].Kind, summary.Outputs[0].ElementType));
        Assert.Null(summary.Outputs[0].Shape);
    }

    [Fact]
    public void An_input_that_an_initializer_fills_is_not_asked_of_the_caller()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Int64, 2), TinyModel.Value("w", DataType.Int64, 2)],
            [TinyModel.Value("y", DataType.Int64, 2)],
            [TinyModel.Node("Add", ["x", "w"], ["y"])]).WithIntegers("w", 1, 2);

        Assert.Equal("x", Accepted(model.Bytes()).Inputs.Single().Name);
    }

    private static ModelProto WithWeights(string location) => TinyModel.Of(
        [TinyModel.Value("x", DataType.Float, "n", 4)],
        [TinyModel.Value("y", DataType.Float, "n", 4)],
        [TinyModel.Node("Add", ["x", "w"], ["y"])]).WithExternalFloats("w", 4, location);

    private static string Shape(OnnxValue value) =>
        string.Join(',', value.Shape!.Value.Select(d => d.Length < 0 ? d.Symbol : $"{d.Length}")); // The models declare their shapes.

    private static OnnxSummary Accepted(ReadOnlySpan<byte> file) => OnnxFile.Check(file, Limits) switch
    {
        OnnxCheck.Accepted accepted => accepted.Summary,
        OnnxCheck.Rejected rejected => throw new Xunit.Sdk.XunitException($"rejected: {rejected.Reason}"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Rejected(ReadOnlySpan<byte> file) => Assert.IsType<OnnxCheck.Rejected>(OnnxFile.Check(file, Limits)).Reason;
}
