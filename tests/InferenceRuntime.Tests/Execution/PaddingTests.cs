using System.Globalization;
using System.Runtime.InteropServices;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Padding;
using InferenceRuntime.Onnx.Tests;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Execution;

public sealed class PaddingTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Different_lengths_of_one_bucket_run_together_and_each_comes_back_at_its_own_length()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", "t"), Settings(maxSize: 3, delayMs: 10_000, ("x", 1, [4, 8], 0)));

        var answers = await Task.WhenAll(
            ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 2], 1, 2))),
            ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 4], 3, 4, 5, 6))),
            ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 3], 7, 8, 9))));

        Assert.Equal([[1f, 2], [3, 4, 5, 6], [7, 8, 9]], answers.Select(answer => ModelFolder.Elements<float>(answer.Outputs[0])));
        Assert.Equal([1L, 3], answers[2].Outputs[0].Shape.ToArray());
        Assert.Equal(1, engine.Statistics.ReadModel().ExecutionCount);
        foreach (var answer in answers)
        {
            answer.Release!(); // Outputs of real instances are always lent.
        }
    }

    [Fact]
    public async Task What_is_padded_is_the_declared_value_and_outputs_without_the_length_stay_as_they_are()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", "t"), TinyModel.Value("mask", DataType.Float, "n", "t")],
            [TinyModel.Value("sum", DataType.Float, "n", 1), TinyModel.Value("product", DataType.Float, "n", "t")],
            [
                TinyModel.Node("Mul", ["x", "mask"], ["product"]),
                TinyModel.Node("ReduceSum", ["x", "axes"], ["sum"]),
            ]).WithIntegers("axes", 1);
        await using var engine = await _folder.EngineAsync(model, Settings(8, 0, ("x", 1, [5], 100), ("mask", 1, [5], 0)));

        var answer = await ModelFolder.Answer(
            engine, ModelFolder.Request(2, 0b11, ModelFolder.Tensor<float>([2, 3], 1, 2, 3, 4, 5, 6), ModelFolder.Tensor<float>([2, 3], 1, 0, 1, 1, 1, 0)));

        Assert.Equal([206f, 215f], ModelFolder.Elements<float>(answer.Outputs[0]));
        Assert.Equal([1f, 0, 3, 4, 5, 0], ModelFolder.Elements<float>(answer.Outputs[1]));
        Assert.Equal([2L, 3], answer.Outputs[1].Shape.ToArray());
        var one = await ModelFolder.Answer(
            engine, ModelFolder.Request(1, 0b01, ModelFolder.Tensor<float>([1, 1], 1), ModelFolder.Tensor<float>([1, 1], 1)));
        Assert.Equal([401f], ModelFolder.Elements<float>(one.Outputs[0]));
        Assert.True(one.Outputs[1].Bytes.IsEmpty);
    }

    [Fact]
    public async Task A_length_above_the_largest_bucket_runs_at_its_own_and_padding_can_be_changed_while_serving()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Int64, "n", "t"), Settings(8, 0, ("x", 1, [2], 0)));
        var request = ModelFolder.Request(1, 1, ModelFolder.Tensor<long>([1, 3], 1, 2, 3));
        await AssertEchoed(engine, request);

        foreach (var buckets in new int[][] { [4], [3], [1], [16, 64] })
        {
            var settings = Settings(8, 0, ("x", 1, buckets, 9));
            Assert.Null(engine.Objection(settings));
            engine.Apply(settings);
            await AssertEchoed(engine, request);
        }

        engine.Apply(new RuntimeSettings());
        await AssertEchoed(engine, request);
    }

    [Fact]
    public async Task Inputs_of_one_length_that_disagree_are_left_for_the_model_to_refuse()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("a", DataType.Float, "n", "t"), TinyModel.Value("b", DataType.Float, "n", "t")],
            [TinyModel.Value("y", DataType.Float, "n", "t")],
            [TinyModel.Node("Add", ["a", "b"], ["y"])]);
        await using var engine = await _folder.EngineAsync(model, Settings(8, 0, ("a", 1, [8], 0), ("b", 1, [8], 0)));

        Assert.IsType<InferenceOutcome.Refused>(await ModelFolder.Ask(
            engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 2], 1, 2), ModelFolder.Tensor<float>([1, 3], 1, 2, 3))));
    }

    [Fact]
    public async Task What_a_model_does_not_allow_is_named_and_refused_at_start_and_while_serving()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("a", DataType.Float, "n", "t"), TinyModel.Value("b", DataType.Float, "n", "t"), TinyModel.Value("c", DataType.Float, "n", "", 3)],
            [TinyModel.Value("y", DataType.Float, "n", "t"), TinyModel.Value("z", DataType.Float, "n", "", 3)],
            [TinyModel.Node("Add", ["a", "b"], ["y"]), TinyModel.Node("Identity", ["c"], ["z"])]);
        await using var engine = await _folder.EngineAsync(model);

        foreach (var (setting, expected) in new[]
        {
            (("q", 1, new[] { 4 }, 0d), "padding.q: the model has no such input"),
            (("c", 2, [4], 0), "padding.c: axis 2 does not vary"),
            (("c", 1, [4], 0), "padding.c: the model does not name axis 1, so that it is not known which outputs carry it"),
            (("a", 7, [4], 0), "padding.a: axis 7 does not vary"),
            (("a", 1, [4], 0), "padding.a: input 'b' has the same length at axis 1 and is not padded to the same buckets"),
        })
        {
            Assert.Equal(expected, engine.Objection(Settings(8, 0, setting)));
        }

        Assert.EndsWith("padding.q: the model has no such input", ModelFolder.Reason(await _folder.LoadAsync(model, Settings(8, 0, ("q", 1, [4], 0)))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_bucket_is_warm_before_the_model_serves_and_has_its_own_time()
    {
        var signature = new ModelSignature(
            "m", "1", "p",
            [Named("a", "t"), Named("b", "t"), Named("c", "u")], [Named("y", "t")], Batched: true);
        var plan = PaddingPlan.For(Settings(8, 0, ("a", 1, [4, 8], 0), ("b", 1, [4, 8], 0), ("c", 1, [16, 32, 64], 0)), signature)!;

        var trials = plan.Trials(signature).Select(trial => string.Join(' ', trial.Inputs.Select(input => input.Shape[1]))).ToArray();

        Assert.Equal(["4 4 16", "8 8 16", "4 4 32", "8 8 32", "4 4 64", "8 8 64"], trials);
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", "t"), Settings(8, 0, ("x", 1, [4, 8], 0)));
        Assert.Equal(0, engine.Statistics.ReadModel().ExecutionCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Cutting_undoes_padding_for_any_shape_axis_and_type(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 500; i++)
        {
            var rank = 2 + random.Next(3);
            var axis = 1 + random.Next(rank - 1);
            var shape = Enumerable.Range(0, rank).Select(_ => 1L + random.Next(5)).ToArray();
            var datatype = (Datatype)random.Next((int)Datatype.Bytes);
            var spec = new TensorSpec("x", datatype, [-1, .. Enumerable.Repeat(-1L, rank - 1)])
            {
                AxisNames = [.. Enumerable.Range(0, rank).Select(a => a.ToString(CultureInfo.InvariantCulture))],
            };
            var signature = new ModelSignature("m", "1", "p", [spec], [spec with { Name = "y" }], Batched: true);
            var plan = PaddingPlan.For(Settings(8, 0, ("x", axis, [3, 9], 7)), signature)!;
            var bytes = new byte[(int)shape.Aggregate(1L, (a, b) => a * b) * datatype.ElementSize()];
            random.NextBytes(bytes);
            var request = ModelFolder.Request((int)shape[0], 1, new TensorContent(shape, bytes));

            using var padded = PaddedRequest.Of(request, plan, 1 << 20);

            Assert.Equal(shape[axis] is 3, padded is null);
            if (padded is null)
            {
                continue;
            }

            var whole = padded.Request.Inputs[0];
            Assert.Equal(shape[axis] < 3 ? 3 : 9, whole.Shape.Span[axis]);
            Assert.Equal(padded.Request.Bytes, whole.Bytes.Length);
            var released = 0;
            var cut = Assert.IsType<InferenceOutcome.Answered>(padded.Cut(new InferenceOutcome.Answered([whole], default, () => released++)));
            Assert.True(cut.Outputs[0].Bytes.Span.SequenceEqual(bytes), $"seed {seed}, case {i}");
            Assert.Equal(shape, cut.Outputs[0].Shape.ToArray());
            Assert.Equal(1, released);
            cut.Release!(); // Cut outputs lie in memory of their own.
        }
    }

    [Fact]
    public void A_request_is_not_padded_beyond_what_the_queue_may_hold()
    {
        var signature = new ModelSignature("m", "1", "p", [Named("x", "t")], [Named("y", "t")], Batched: true);
        var plan = PaddingPlan.For(Settings(8, 0, ("x", 1, [1000], 0)), signature)!;
        var request = ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 2], 1, 2));

        Assert.Null(PaddedRequest.Of(request, plan, bytesMax: 3999));
        PaddedRequest.Of(request, plan, bytesMax: 4096)!.Dispose(); // It was padded.
    }

    [Fact]
    public void The_fill_is_one_element_of_the_type()
    {
        Assert.Equal(BitConverter.GetBytes(-1.5f), FillElement.Of(Datatype.Fp32, -1.5));
        Assert.Equal([0xFF], FillElement.Of(Datatype.UInt8, 300));
        Assert.Equal(BitConverter.GetBytes(-7L), FillElement.Of(Datatype.Int64, -7));
        Assert.Equal(MemoryMarshal.AsBytes<Half>([(Half)2]).ToArray(), FillElement.Of(Datatype.Fp16, 2));
        Assert.Equal([0x80, 0x3F], FillElement.Of(Datatype.Bf16, 1));
        Assert.Equal([1], FillElement.Of(Datatype.Bool, 3));
    }

    private static async Task AssertEchoed(BatchingEngine engine, InferenceRequest request)
    {
        var answer = await ModelFolder.Answer(engine, request);
        Assert.Equal(request.Inputs[0].Bytes.ToArray(), answer.Outputs[0].Bytes.ToArray());
        Assert.Equal(request.Inputs[0].Shape.ToArray(), answer.Outputs[0].Shape.ToArray());
    }

    private static TensorSpec Named(string name, string length) => new(name, Datatype.Fp32, [-1, -1]) { AxisNames = ["n", length] };

    private static RuntimeSettings Settings(int maxSize, double delayMs, params (string Input, int Axis, int[] Buckets, double Value)[] padding) => new()
    {
        Batching = new BatchingSettings { MaxSize = maxSize, MaxDelayMs = delayMs },
        Padding = padding.ToDictionary(p => p.Input, p => new PaddingSettings { Axis = p.Axis, Buckets = p.Buckets, Value = p.Value }),
    };
}
