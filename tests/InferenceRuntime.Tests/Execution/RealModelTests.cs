using System.Globalization;
using System.Runtime.InteropServices;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Tests.Execution;

/// <summary>Real models on their real test rows: what a batch answers is what each row alone is answered.</summary>
public sealed class RealModelTests
{
    [Theory]
    [InlineData("digits-mlp.onnx", "digits-test.csv", 0.98)]
    [InlineData("digits-cnn.onnx", "digits-test.csv", 0.99)]
    [InlineData("tumour-mlp.onnx", "tumour-test.csv", 0.98)]
    [InlineData("language-transformer.onnx", "language-test.csv", 0.81)]
    public async Task Batched_answers_equal_those_of_each_row_alone(string model, string csv, double accuracy)
    {
        await using var engine = ModelFolder.Loaded(
            await ModelFolder.LoadAsync(Path.Combine(ModelFolder.Repository, model), ModelFolder.Settings(maxSize: 1)));
        var (rows, labels) = Read(Path.Combine(ModelFolder.Repository, csv), engine.Signature.Inputs[0], scale: csv.StartsWith("digits", StringComparison.Ordinal) ? 16 : 1);
        var alone = new float[rows.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            alone[i] = await Ask(engine, rows, i, 1);
        }

        engine.Apply(ModelFolder.Settings(maxSize: 13, delayMs: 50));
        var batched = await Task.WhenAll(Enumerable.Range(0, rows.Length).Select(i => Ask(engine, rows, i, 1)));
        var together = await Task.WhenAll(Enumerable.Range(0, rows.Length / 7).Select(i => Ask(engine, rows, i * 7, 7)));

        var snapshot = engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp());
        Assert.True(snapshot.Executions.Count < rows.Length * 2, "some requests ran together");
        var correct = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            AssertSame(alone[i], batched[i]);
            if (i / 7 < together.Length)
            {
                AssertSame(alone[i], together[i / 7].AsSpan(i % 7 * alone[i].Length, alone[i].Length));
            }

            correct += ArgMax(batched[i]) == labels[i] ? 1 : 0;
        }

        Assert.True(correct >= accuracy * rows.Length, $"{correct} of {rows.Length}");
    }

    private static async Task<float[]> Ask(InferenceRuntime.Execution.BatchingEngine engine, byte[][] rows, int first, int count)
    {
        long[] shape = [.. engine.Signature.Inputs[0].Shape];
        shape[0] = count;
        var bytes = rows.AsSpan(first, count).ToArray().SelectMany(row => row).ToArray();
        var answer = await ModelFolder.Answer(engine, ModelFolder.Request(count, 1, new TensorContent(shape, bytes)));
        var elements = ModelFolder.Elements<float>(answer.Outputs[0]);
        answer.Release!(); // Outputs of real instances are always lent.
        return elements;
    }

    private static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= 1e-4f * MathF.Max(1, MathF.Abs(expected[i])), $"{expected[i]} and {actual[i]}");
        }

        Assert.Equal(ArgMax(expected), ArgMax(actual));
    }

    private static int ArgMax(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }

        return best;
    }

    private static (byte[][] Rows, int[] Labels) Read(string path, TensorSpec input, float scale)
    {
        var rows = new List<byte[]>();
        var labels = new List<int>();
        foreach (var line in File.ReadLines(path))
        {
            var cells = line.Split(',');
            if (!int.TryParse(cells[^1], NumberStyles.Integer, CultureInfo.InvariantCulture, out var label))
            {
                continue; // A header.
            }

            var numbers = cells[..^1].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
            rows.Add(input.Datatype is Datatype.Int64
                ? MemoryMarshal.AsBytes<long>(numbers.Select(number => (long)number).ToArray()).ToArray()
                : MemoryMarshal.AsBytes<float>(numbers.Select(number => (float)number / scale).ToArray()).ToArray());
            labels.Add(label);
        }

        return ([.. rows], [.. labels]);
    }
}
