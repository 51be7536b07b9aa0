using System.Buffers.Binary;
using System.Text;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Sessions;
using InferenceRuntime.Onnx.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Execution;

public sealed class OnnxEngineTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Types =>
    [
        "Bool", "Uint8", "Uint16", "Uint32", "Uint64", "Int8", "Int16", "Int32", "Int64", "Float16", "Bfloat16", "Float", "Double",
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Every_fixed_size_datatype_goes_through_unchanged_and_batched(string type)
    {
        await using var engine = await _folder.EngineAsync(
            TinyModel.Identity(Enum.Parse<DataType>(type), "n", 3), ModelFolder.Settings(maxSize: 6, delayMs: 10_000));
        Assert.True(engine.Signature.Batched);
        var size = engine.Signature.Inputs[0].Datatype.ElementSize();

        var answers = await Task.WhenAll(new[] { 1, 2, 3 }.Select(rows => ModelFolder.Answer(engine, Patterned(rows, size))));

        for (var i = 0; i < answers.Length; i++)
        {
            Assert.Equal([i + 1, 3], answers[i].Outputs[0].Shape.ToArray());
            Assert.Equal(Patterned(i + 1, size).Inputs[0].Bytes.ToArray(), answers[i].Outputs[0].Bytes.ToArray());
            answers[i].Release!(); // Outputs of real instances are always lent.
        }

        Assert.Equal(1, engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Executions.Count);

        static InferenceRequest Patterned(int rows, int size)
        {
            // Zeros and ones are valid in every type, also as BOOL.
            var bytes = Enumerable.Range(0, rows * 3 * size).Select(i => (byte)((i % size == 0) && (i / size % 2 == rows % 2) ? 1 : 0)).ToArray();
            return ModelFolder.Request(rows, 1, new TensorContent(new long[] { rows, 3 }, bytes));
        }
    }

    [Fact]
    public async Task Strings_go_through_byte_for_byte_and_batched()
    {
        await using var engine = await _folder.EngineAsync(
            TinyModel.Identity(DataType.String, "n", 2), ModelFolder.Settings(maxSize: 3, delayMs: 10_000));
        var texts = new[] { new[] { "", "äöü" }, ["a\0b", new string('x', 5000), "three", "four"] };

        var answers = await Task.WhenAll(texts.Select(row => ModelFolder.Answer(engine, ModelFolder.Request(row.Length / 2, 1, Bytes(row)))));

        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal([texts[i].Length / 2, 2], answers[i].Outputs[0].Shape.ToArray());
            Assert.Equal(Bytes(texts[i]).Bytes.ToArray(), answers[i].Outputs[0].Bytes.ToArray());
        }

        Assert.Equal(1, engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Executions.Count);
    }

    [Fact]
    public async Task Several_inputs_and_outputs_keep_their_order_and_only_wanted_outputs_are_filled()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("a", DataType.Float, "n", 2), TinyModel.Value("b", DataType.Float, "n", 2)],
            [TinyModel.Value("sum", DataType.Float, "n", 2), TinyModel.Value("difference", DataType.Float, "n", 2)],
            [TinyModel.Node("Add", ["a", "b"], ["sum"]), TinyModel.Node("Sub", ["a", "b"], ["difference"])]);
        await using var engine = await _folder.EngineAsync(model);
        var (a, b) = (ModelFolder.Tensor<float>([1, 2], 10, 20), ModelFolder.Tensor<float>([1, 2], 1, 2));

        var both = await ModelFolder.Answer(engine, ModelFolder.Request(1, 0b11, a, b));
        Assert.Equal([11f, 22f], ModelFolder.Elements<float>(both.Outputs[0]));
        Assert.Equal([9f, 18f], ModelFolder.Elements<float>(both.Outputs[1]));

        var one = await ModelFolder.Answer(engine, ModelFolder.Request(1, 0b10, a, b));
        Assert.True(one.Outputs[0].Bytes.IsEmpty);
        Assert.Equal([9f, 18f], ModelFolder.Elements<float>(one.Outputs[1]));
    }

    [Fact]
    public async Task Lengths_that_vary_beside_the_batch_axis_group_requests_by_shape()
    {
        await using var engine = await _folder.EngineAsync(
            TinyModel.Identity(DataType.Float, "n", "t"), ModelFolder.Settings(maxSize: 2, delayMs: 10_000));

        var answers = await Task.WhenAll(
            ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 2], 1, 2))),
            ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 3], 3, 4, 5))),
            ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 2], 6, 7))),
            ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 3], 8, 9, 10))));

        Assert.Equal([[1f, 2], [3, 4, 5], [6, 7], [8, 9, 10]], answers.Select(answer => ModelFolder.Elements<float>(answer.Outputs[0])));
        Assert.Equal([1L, 3], answers[3].Outputs[0].Shape.ToArray());
        Assert.Equal(2, engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Executions.Count);
    }

    [Fact]
    public async Task A_fixed_batch_axis_a_scalar_and_different_axis_names_are_served_one_request_at_a_time()
    {
        await using (var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Int64, 2, 2)))
        {
            Assert.False(engine.Signature.Batched);
            Assert.Equal([2L, 2], engine.Signature.Inputs[0].Shape.ToArray());
            var answer = await ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<long>([2, 2], 1, 2, 3, 4)));
            Assert.Equal([1L, 2, 3, 4], ModelFolder.Elements<long>(answer.Outputs[0]));
        }

        await using (var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float)))
        {
            Assert.False(engine.Signature.Batched);
            var answer = await ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([], 42)));
            Assert.Equal(0, answer.Outputs[0].Shape.Length);
            Assert.Equal([42f], ModelFolder.Elements<float>(answer.Outputs[0]));
        }

        var twoAxes = TinyModel.Of(
            [TinyModel.Value("a", DataType.Float, "n"), TinyModel.Value("b", DataType.Float, "m")],
            [TinyModel.Value("y", DataType.Float, "k")],
            [TinyModel.Node("Concat", ["a", "b"], ["y"]).With("axis", 0)]);
        await using (var engine = await _folder.EngineAsync(twoAxes))
        {
            Assert.False(engine.Signature.Batched);
            var answer = await ModelFolder.Answer(
                engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1], 1), ModelFolder.Tensor<float>([2], 2, 3)));
            Assert.Equal([1f, 2, 3], ModelFolder.Elements<float>(answer.Outputs[0]));
            Assert.Equal([3L], answer.Outputs[0].Shape.ToArray());
        }
    }

    [Fact]
    public async Task Unnamed_axes_count_as_one_batch_axis()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float, "", 2));

        Assert.True(engine.Signature.Batched);
        Assert.Equal([-1L, 2], engine.Signature.Inputs[0].Shape.ToArray());
    }

    [Fact]
    public async Task A_tensor_of_no_bytes_goes_through()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", "t"));

        var answer = await ModelFolder.Answer(engine, ModelFolder.Request(3, 1, ModelFolder.Tensor<float>([3, 0])));

        Assert.Equal([3L, 0], answer.Outputs[0].Shape.ToArray());
        Assert.True(answer.Outputs[0].Bytes.IsEmpty);
    }

    [Fact]
    public async Task A_batch_axis_that_the_outputs_do_not_follow_is_found_out_at_load()
    {
        // Declares n rows, gives 3·n.
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", 3)],
            [TinyModel.Value("y", DataType.Float, "n")],
            [TinyModel.Node("Reshape", ["x", "shape"], ["y"])]).WithIntegers("shape", -1);
        await using var engine = await _folder.EngineAsync(model);

        Assert.False(engine.Signature.Batched);
        var answer = await ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 3], 1, 2, 3)));
        Assert.Equal([1f, 2, 3], ModelFolder.Elements<float>(answer.Outputs[0]));
    }

    [Fact]
    public async Task Rows_that_depend_on_each_other_are_found_out_at_load()
    {
        var mixing = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", 3)],
            [TinyModel.Value("y", DataType.Float, "n", 3)],
            [TinyModel.Node("Softmax", ["x"], ["y"]).With("axis", 0)]);
        var apart = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", 3)],
            [TinyModel.Value("y", DataType.Float, "n", 3)],
            [TinyModel.Node("Softmax", ["x"], ["y"]).With("axis", 1)]);

        await using var mixed = await _folder.EngineAsync(mixing);
        await using var separate = await _folder.EngineAsync(apart);

        Assert.False(mixed.Signature.Batched);
        Assert.True(separate.Signature.Batched);
    }

    [Fact]
    public async Task Several_instances_answer_side_by_side()
    {
        var path = _folder.Write("m.onnx", TinyModel.Identity(DataType.Int32, "n").Bytes());
        await using var engine = ModelFolder.Loaded(await OnnxEngine.LoadAsync(
            new EngineOptions { ModelPath = path, Name = "m", Threads = 4, Instances = 3, Settings = ModelFolder.Settings(maxSize: 4) },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            CancellationToken.None));

        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(async i =>
        {
            var answer = await ModelFolder.Answer(engine, ModelFolder.Request(2, 1, ModelFolder.Tensor<int>([2], i, -i)));
            var elements = ModelFolder.Elements<int>(answer.Outputs[0]);
            answer.Release!(); // Outputs of real instances are always lent.
            return elements;
        }));

        Assert.Equal(Enumerable.Range(0, 500).Select(i => new[] { i, -i }), answers);
    }

    [Fact]
    public async Task A_request_that_the_graph_refuses_is_told_why_and_its_neighbours_are_answered()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("index", DataType.Int64, "n")],
            [TinyModel.Value("y", DataType.Int64, "n")],
            [TinyModel.Node("Gather", ["table", "index"], ["y"])]).WithIntegers("table", 100, 101, 102);
        await using var engine = await _folder.EngineAsync(model, ModelFolder.Settings(maxSize: 3, delayMs: 10_000));

        var outcomes = await Task.WhenAll(
            ModelFolder.Ask(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<long>([1], 2))),
            ModelFolder.Ask(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<long>([1], 77))),
            ModelFolder.Ask(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<long>([1], 1))));

        Assert.Equal([102L], ModelFolder.Elements<long>(Assert.IsType<InferenceOutcome.Answered>(outcomes[0]).Outputs[0]));
        Assert.Equal([101L], ModelFolder.Elements<long>(Assert.IsType<InferenceOutcome.Answered>(outcomes[2]).Outputs[0]));
        var reason = Assert.IsType<InferenceOutcome.Refused>(outcomes[1]).Reason;
        Assert.Contains("77", reason, StringComparison.Ordinal);
        Assert.Contains("Gather", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("/", reason.Replace("'/", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("onnxruntime", reason, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_shape_that_the_graph_cannot_use_is_refused_without_paths_of_the_library()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", "t")],
            [TinyModel.Value("y", DataType.Float, "n", 2, "u")],
            [TinyModel.Node("Reshape", ["x", "shape"], ["y"])]).WithIntegers("shape", 0, 2, -1);
        await using var engine = await _folder.EngineAsync(model);

        var outcome = await ModelFolder.Ask(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 3], 1, 2, 3)));

        var reason = Assert.IsType<InferenceOutcome.Refused>(outcome).Reason;
        Assert.StartsWith("the model does not run on this input: Reshape", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(".h", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("ErrorCode", reason, StringComparison.Ordinal);
        var good = await ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 4], 1, 2, 3, 4)));
        Assert.Equal([1L, 2, 2], good.Outputs[0].Shape.ToArray());
    }

    [Fact]
    public async Task A_large_request_is_run_on_its_own_memory_also_when_it_is_not_aligned()
    {
        const int Rows = 20_000;
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", 8));
        Assert.True(Rows * 8 * sizeof(float) > OnnxInstance.OwnMemoryBytesMin);
        var buffer = new byte[(Rows * 8 * sizeof(float)) + 1];
        new Random(5).NextBytes(buffer);
        foreach (var offset in new[] { 0, 1 })
        {
            var bytes = buffer.AsMemory(offset, buffer.Length - 1);
            var answer = await ModelFolder.Answer(
                engine, new InferenceRequest([new TensorContent(new long[] { Rows, 8 }, bytes)], Rows, bytes.Length, 1, 0, 0, long.MaxValue));

            Assert.True(answer.Outputs[0].Bytes.Span.SequenceEqual(bytes.Span));
            answer.Release!(); // Outputs of real instances are always lent.
        }
    }

    [Fact]
    public async Task Every_number_of_rows_is_answered_with_its_own_rows()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Int32, "n"), ModelFolder.Settings(maxSize: 4096));
        foreach (var rows in Enumerable.Range(1, 80).Concat([127, 128, 129, 1000, 1025, 4096, 9999]))
        {
            var values = Enumerable.Range(rows, rows).ToArray();
            var answer = await ModelFolder.Answer(engine, ModelFolder.Request(rows, 1, ModelFolder.Tensor<int>([rows], values)));

            Assert.Equal(values, ModelFolder.Elements<int>(answer.Outputs[0]));
            answer.Release!(); // Outputs of real instances are always lent.
        }
    }

    [Fact]
    public async Task Outputs_stay_as_they_are_until_released_whatever_runs_meanwhile()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Int32, "n"));
        var kept = new List<InferenceOutcome.Answered>();
        for (var i = 0; i < 50; i++)
        {
            kept.Add(await ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<int>([1], i))));
        }

        Assert.Equal(Enumerable.Range(0, 50), kept.Select(answer => ModelFolder.Elements<int>(answer.Outputs[0])[0]));
        kept.ForEach(answer => answer.Release!()); // Outputs of real instances are always lent.
        Assert.Throws<InvalidOperationException>(kept[0].Release!);
    }

    [Fact]
    public async Task Denormal_results_are_zero_on_the_threads_that_run_the_model()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n")], [TinyModel.Value("y", DataType.Float, "n")], [TinyModel.Node("Mul", ["x", "x"], ["y"])]);
        await using var engine = await _folder.EngineAsync(model);

        var answer = await ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1], 1e-20f)));

        Assert.Equal([0f], ModelFolder.Elements<float>(answer.Outputs[0]));
    }

    [Fact]
    public async Task A_model_without_inputs_is_served()
    {
        var model = TinyModel.Of([], [TinyModel.Value("y", DataType.Int64, 2)], [TinyModel.Node("Identity", ["w"], ["y"])]).WithIntegers("w", 4, 5);
        await using var engine = await _folder.EngineAsync(model);

        Assert.False(engine.Signature.Batched);
        var answer = await ModelFolder.Answer(engine, ModelFolder.Request(1, 1));
        Assert.Equal([4L, 5], ModelFolder.Elements<long>(answer.Outputs[0]));
    }

    [Fact]
    public async Task A_model_whose_declared_input_is_too_large_to_try_is_loaded_untried()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", 2_000_000_000, 2_000_000_000, 8));

        Assert.True(engine.Signature.Batched);
    }

    private static TensorContent Bytes(params string[] texts)
    {
        using var stream = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(uint)];
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)bytes.Length);
            stream.Write(length);
            stream.Write(bytes);
        }

        return new TensorContent(new long[] { texts.Length / 2, 2 }, stream.ToArray());
    }
}
