using System.Globalization;
using System.Text;
using ModelMaking.Clicks;
using ModelMaking.Graphs;
using ModelMaking.Training;

namespace ModelMaking;

/// <summary>The files that come of one click log.</summary>
/// <param name="ClickThrough">click-through.onnx.</param>
/// <param name="ClickThroughTest">click-through-test.csv: rows of the model's input, then 1 for a click or 0.</param>
/// <param name="Recommender">recommender.onnx.</param>
/// <param name="RecommenderTest">recommender-test.csv: rows of the model's input, then the item that was clicked.</param>
internal sealed record ClickModels(byte[] ClickThrough, string ClickThroughTest, byte[] Recommender, string RecommenderTest)
{
    /// <summary>Impressions of the log that the committed files come of.</summary>
    public const int Impressions = 600_000;

    private const ulong LogSeed = 1;
    private const ulong ClickThroughSeed = 2;
    private const ulong RecommenderSeed = 3;
    private const int RecommenderPasses = 3;
    private const int TestRowsMax = 2000;

    /// <summary>Makes them: the first nine tenths of the log are learned from, the rest is for the tests. Equal counts give equal bytes on every machine.</summary>
    /// <param name="impressions">Length of the log.</param>
    public static ClickModels Make(int impressions)
    {
        var log = ClickLog.Draw(impressions, LogSeed);
        var learned = log.AsSpan(0, impressions / 10 * 9);
        var clickThrough = new ClickThroughModel(ClickThroughSeed);
        clickThrough.Learn(learned);

        var clicks = NextClick.Of(log);
        var before = NextClick.Of(learned).Length;
        var recommender = new RecommenderModel(RecommenderSeed);
        for (var pass = 0; pass < RecommenderPasses; pass++)
        {
            recommender.Learn(clicks.AsSpan(0, before));
        }

        return new ClickModels(
            ClickThroughGraph.Write(clickThrough),
            Rows(log[learned.Length..].Take(TestRowsMax).Select(static impression => impression.Ids.Append(impression.Clicked ? 1 : 0))),
            RecommenderGraph.Write(recommender),
            Rows(clicks[before..].Take(TestRowsMax).Select(static click => click.History.Append(click.Next))));
    }

    private static string Rows(IEnumerable<IEnumerable<int>> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendJoin(',', row.Select(static value => value.ToString(CultureInfo.InvariantCulture))).Append('\n');
        }

        return text.ToString();
    }
}
