using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using ModelMaking;
using ModelMaking.Clicks;
using Xunit.Abstractions;

namespace Packaging.Tests.Samples;

/// <summary>The models that are made from a click log, as they lie in <c>models/</c>.</summary>
public sealed class ClickModelTests(ITestOutputHelper output)
{
    [Fact]
    public void The_files_are_those_that_the_maker_makes()
    {
        var made = ClickModels.Make(ClickModels.Impressions);

        Assert.Equal(made.ClickThroughTest, File.ReadAllText(Repository.File("models", "click-through-test.csv")));
        Assert.Equal(made.RecommenderTest, File.ReadAllText(Repository.File("models", "recommender-test.csv")));
        Assert.True(made.ClickThrough.AsSpan().SequenceEqual(File.ReadAllBytes(Repository.File("models", "click-through.onnx"))));
        Assert.True(made.Recommender.AsSpan().SequenceEqual(File.ReadAllBytes(Repository.File("models", "recommender.onnx"))));
    }

    [Fact]
    public void The_click_through_model_ranks_nearly_as_well_as_the_truth()
    {
        var rows = Rows("click-through-test.csv");
        var predicted = Run<float>("click-through.onnx", "fields", rows, ClickFields.Count, "probability");
        var clicked = rows.Select(static row => row[^1] == 1).ToArray();
        var truth = ClickLog.Draw(ClickModels.Impressions, seed: 1).Skip(ClickModels.Impressions / 10 * 9).Take(rows.Length).Select(static impression => impression.Probability).ToArray();
        var (ours, best) = (Area([.. predicted.Select(static p => (double)p)], clicked), Area(truth, clicked));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"area under the curve {ours:0.0000}, of the true probabilities {best:0.0000}; mean {predicted.Average():0.0000}, clicked {clicked.Average(static c => c ? 1 : 0):0.0000}"));

        Assert.InRange(ours, best - 0.04, 1);
        Assert.Equal(clicked.Average(static c => c ? 1.0 : 0), predicted.Average(), 0.02);
    }

    [Fact]
    public void The_recommender_finds_the_next_click_far_more_often_than_what_everybody_clicks()
    {
        var rows = Rows("recommender-test.csv");
        var items = Run<long>("recommender.onnx", "history", rows, 20, "items");
        var hits = rows.Where((row, i) => items.AsSpan(i * 10, 10).Contains(row[^1])).Count();
        var popular = ClickLog.Draw(ClickModels.Impressions, seed: 1).Take(ClickModels.Impressions / 10 * 9).Where(static impression => impression.Clicked)
            .GroupBy(static impression => impression.Item + 1).OrderByDescending(static group => group.Count()).Take(10).Select(static group => (long)group.Key).ToHashSet();
        var byPopularity = rows.Count(row => popular.Contains(row[^1]));
        output.WriteLine($"next click among ten: {hits} of {rows.Length}; among the ten most popular: {byPopularity}");

        Assert.True(hits > 1.8 * byPopularity);
        Assert.All(items, static item => Assert.InRange(item, 1, 1000));
    }

    private static long[][] Rows(string file) =>
        [.. File.ReadLines(Repository.File("models", file)).Select(static line => line.Split(',').Select(static value => long.Parse(value, CultureInfo.InvariantCulture)).ToArray())];

    private static T[] Run<T>(string model, string input, long[][] rows, int columns, string output)
        where T : unmanaged
    {
        using var session = new InferenceSession(Repository.File("models", model));
        using var values = OrtValue.CreateTensorValueFromMemory([.. rows.SelectMany(row => row.Take(columns))], [rows.Length, columns]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [input], [values], [output]);
        return outputs[0].GetTensorDataAsSpan<T>().ToArray();
    }

    /// <summary>How often something clicked is ranked above something that was not.</summary>
    private static double Area(double[] scores, bool[] clicked)
    {
        var order = Enumerable.Range(0, scores.Length).OrderBy(i => scores[i]).ToArray();
        var (below, above) = (0L, 0L);
        foreach (var i in order)
        {
            if (clicked[i])
            {
                above += below;
            }
            else
            {
                below++;
            }
        }

        return (double)above / below / clicked.Count(static c => c);
    }
}
