using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Variants;
using InferenceRuntime.Onnx.Schema;
using InferenceRuntime.Onnx.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Execution;

/// <summary>Two models that can be told apart by their answers: one gives x, the other x + x.</summary>
public sealed class VariantEngineTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_shares_the_full_model_answers_and_with_shares_each_variant_its_part()
    {
        await using var engine = await LoadAsync(new RuntimeSettings());
        Assert.Equal(Enumerable.Repeat(1f, 20), await FactorsAsync(engine, 20));

        engine.Apply(Serving(("full", 3), ("double", 1)));
        Assert.Equal(25, (await FactorsAsync(engine, 100)).Count(factor => factor == 2));
        engine.Apply(Serving(("double", 1)));
        Assert.Equal(Enumerable.Repeat(2f, 20), await FactorsAsync(engine, 20));

        var snapshot = engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp());
        Assert.Equal([("full", 95L), ("double", 45L)], snapshot.Variants.Select(variant => (variant.Name, variant.Requests)));
        Assert.Equal(140, snapshot.Arrivals.Rows);
        Assert.Equal(140, snapshot.Executions.Rows);
        Assert.Equal(snapshot.Executions.Count, snapshot.Variants.Sum(variant => variant.Executions.Count));
        Assert.Equal([95.0, 45.0], snapshot.Variants.Select(variant => variant.Executions.Rows));
        Assert.Equal(snapshot.Executions.RowsSquared, snapshot.Variants.Sum(variant => variant.Executions.RowsSquared));
        Assert.Equal(snapshot.Executions.SecondsSquared, snapshot.Variants.Sum(variant => variant.Executions.SecondsSquared), 12);
        Assert.Equal(140, engine.Statistics.ReadModel().Success.Count);
    }

    [Fact]
    public async Task Shares_that_change_all_the_time_under_full_load_lose_no_reply_and_give_none_wrong()
    {
        const int Seed = 31;
        const int Clients = 12;
        const int Each = 400;
        await using var engine = await LoadAsync(new RuntimeSettings());
        var answered = new int[3];
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(Seed + client);
            for (var i = 0; i < Each; i++)
            {
                var rows = 1 + random.Next(6);
                var values = Enumerable.Range(0, rows * 4).Select(_ => (float)(1 + random.Next(1000))).ToArray();
                var outcome = await engine.InferAsync(ModelFolder.Request(rows, 1, ModelFolder.Tensor([rows, 4], values)), CancellationToken.None);
                var answer = Assert.IsType<InferenceOutcome.Answered>(outcome);
                var elements = ModelFolder.Elements<float>(answer.Outputs[0]);
                answer.Release!(); // Outputs of real instances are always lent.
                var factor = elements[0] / values[0];
                Assert.True(factor is 1 or 2, $"seed {Seed}, client {client}, request {i}: factor {factor}");
                Assert.Equal(values.Select(value => value * factor), elements);
                Interlocked.Increment(ref answered[(int)factor]);
            }
        })).ToArray();
        var all = Task.WhenAll(clients);
        var changes = new Random(Seed);
        var count = 0;
        while (!all.IsCompleted)
        {
            var share = changes.Next(5);
            engine.Apply(Serving(("full", share), ("double", 4 - share)) with
            {
                Batching = new BatchingSettings { MaxSize = 1 + changes.Next(16), MaxDelayMs = changes.Next(2) * 0.2 },
            });
            count++;
            await Task.Yield();
        }

        await all.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(Clients * Each, answered[1] + answered[2]);
        Assert.True(answered[1] > 0 && answered[2] > 0 && count > 10, $"{answered[1]} and {answered[2]} answers, {count} changes");
        await engine.DrainAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        var model = engine.Statistics.ReadModel();
        Assert.Equal((Clients * Each, 0), (model.Success.Count, model.Failure.Count));
    }

    [Fact]
    public async Task A_variant_that_differs_for_clients_an_unknown_name_and_a_file_that_does_not_load_are_refused_and_nothing_stays_loaded()
    {
        var other = _folder.Write("other.onnx", TinyModel.Identity(DataType.Float, "n", 5).Bytes());
        var broken = _folder.Write("broken.onnx", [1, 2, 3]);

        Assert.EndsWith(
            "variant 'double': its input 0 is 'x' FP32 [-1,5], the full model's 'x' FP32 [-1,4]",
            ModelFolder.Reason(await LoadAsync(other, new RuntimeSettings())), StringComparison.Ordinal);
        Assert.Contains("broken.onnx", ModelFolder.Reason(await LoadAsync(broken, new RuntimeSettings())), StringComparison.Ordinal);
        Assert.Equal(
            "serving.int8: there is no such variant; there are full, double",
            ModelFolder.Reason(await LoadAsync(Double(), Serving(("int8", 1)))));
        await using var engine = await LoadAsync(new RuntimeSettings());
        Assert.NotNull(engine.Objection(Serving(("int8", 1))));
        Assert.Null(engine.Objection(Serving(("double", 1))));
    }

    [Fact]
    public async Task A_model_without_variants_objects_to_shares_of_others()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", 4));

        Assert.Null(engine.Objection(Serving(("full", 2))));
        Assert.Equal("serving.int8: there is no such variant; there are full", engine.Objection(Serving(("int8", 2))));
    }

    [Fact]
    public async Task A_variant_with_another_hash_than_it_must_have_is_refused() =>
        Assert.Contains("sha256", ModelFolder.Reason(await LoadAsync(Double(), new RuntimeSettings(), new string('0', 64))), StringComparison.OrdinalIgnoreCase);

    private async Task<VariantEngine> LoadAsync(RuntimeSettings settings) =>
        Assert.IsType<ModelLoad.LoadedVariants>(await LoadAsync(Double(), settings)).Engine;

    private Task<ModelLoad> LoadAsync(string variant, RuntimeSettings settings, string? sha256 = null) => VariantLoading.LoadAsync(
        new EngineOptions
        {
            ModelPath = _folder.Write("full.onnx", TinyModel.Identity(DataType.Float, "n", 4).Bytes()),
            Name = "m",
            Threads = 1,
            Settings = settings,
            WarmUpMax = TimeSpan.FromMilliseconds(50),
        },
        [new("double", variant, sha256)],
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    private string Double()
    {
        ModelProto model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", 4)], [TinyModel.Value("y", DataType.Float, "n", 4)], [TinyModel.Node("Add", ["x", "x"], ["y"])]);
        return _folder.Write("double.onnx", model.Bytes());
    }

    private static async Task<List<float>> FactorsAsync(VariantEngine engine, int requests)
    {
        List<float> factors = [];
        for (var i = 0; i < requests; i++)
        {
            var outcome = await engine.InferAsync(ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 4], 1, 1, 1, 1)), CancellationToken.None);
            var answer = Assert.IsType<InferenceOutcome.Answered>(outcome);
            factors.Add(ModelFolder.Elements<float>(answer.Outputs[0])[0]);
            answer.Release!(); // Outputs of real instances are always lent.
        }

        return factors;
    }

    private static RuntimeSettings Serving(params (string Variant, double Share)[] shares) =>
        new() { Serving = shares.ToDictionary(share => share.Variant, share => share.Share) };
}
