using System.Diagnostics;
using InferenceOperator.Testing.Servers;
using InferenceRuntime.Onnx;
using InferenceRuntime.Onnx.Schema;
using InferenceRuntime.Onnx.Tests;
using InferenceRuntime.Tests.Commands;
using Xunit.Abstractions;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Fuzzing;

/// <summary>Damaged models that the check lets pass, given to the whole program: it serves them or says why not, and never falls.</summary>
public sealed class ModelLoadFuzzTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Draws for one model that passes the check.</summary>
    private const int DrawsMax = 500;

    private static readonly OnnxLimits Limits = new(OperatorSetMax: 20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_damaged_model_is_served_or_rejected_by_a_process_that_lives()
    {
        byte[][] seeds = [TinyModel.Identity(DataType.Float, "n", 3).Bytes(), Layer().Bytes(), await File.ReadAllBytesAsync(ReplicaProcess.Model("tumour-mlp.onnx"))];
        var (served, rejected) = (0, 0);
        await new FuzzRun(output, "model loads").RunAsync(16, atOnce: 2, async random =>
        {
            var model = Draw(random, seeds);
            var path = _folder.File($"{random.Next()}.onnx");
            await File.WriteAllBytesAsync(path, model);
            var (code, text) = await ServeAsync(path);
            File.Delete(path);
            if (code is null)
            {
                Interlocked.Increment(ref served);
            }
            else
            {
                // Anything else is a crash: a signal's code is above 128.
                Assert.True(code == 3, $"exit code {code}: {text}");
                Assert.Contains("model rejected: ", text, StringComparison.Ordinal);
                Interlocked.Increment(ref rejected);
            }
        });
        output.WriteLine($"{served} served, {rejected} rejected");
    }

    /// <summary>A matrix product and a sum, whose weights and shapes can be damaged.</summary>
    private static ModelProto Layer()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", 4)], [TinyModel.Value("y", DataType.Float, "n", 2)],
            [TinyModel.Node("MatMul", ["x", "w"], ["p"]), TinyModel.Node("Add", ["p", "b"], ["y"])]);
        model.Graph.Initializer.Add(Weights("w", 4, 2));
        model.Graph.Initializer.Add(Weights("b", 2));
        return model;
    }

    private static TensorProto Weights(string name, params long[] dimensions)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.Add(dimensions);
        tensor.FloatData.Add(Enumerable.Range(0, (int)dimensions.Aggregate(1L, static (a, b) => a * b)).Select(static i => (float)i));
        return tensor;
    }

    private static byte[] Draw(Random random, byte[][] seeds)
    {
        var seed = seeds[random.Next(seeds.Length)];
        for (var draws = 0; draws < DrawsMax; draws++)
        {
            var model = OnnxMutation.Draw(random, seed);
            if (OnnxFile.Check(model, Limits) is OnnxCheck.Accepted)
            {
                return model;
            }
        }

        return seed;
    }

    /// <summary>Null when the program got ready; otherwise its exit code, and what it said.</summary>
    private static async Task<(int? Code, string Text)> ServeAsync(string model)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "inference-runtime"),
            ["serve", "--model", model, "--name", "m", "--threads", "1", "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--admin-port", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ORT_DISABLE_TELEMETRY"] = "1" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            var ready = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
            if (ready is not null)
            {
                return (null, ready);
            }

            await process.WaitForExitAsync().WaitAsync(Patience);
            return (process.ExitCode, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
        }
    }
}
