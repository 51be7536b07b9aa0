using InferenceOperator.Demo;

namespace InferenceOperator.Tests.Demo;

public sealed class DemoVerdictTests
{
    private static readonly TimeSpan Slo = TimeSpan.FromMilliseconds(40);
    private static readonly LoadTotals AllRight = new(Due: 1000, Answered: 1000, Wrong: 0, Rate: 20);

    [Fact]
    public void A_run_that_does_all_it_should_is_kept()
    {
        var verdict = DemoVerdict.Of(Story(), AllRight, Slo);

        Assert.True(verdict.Kept, string.Join('\n', verdict.Checks));
    }

    [Theory]
    [InlineData(1000, 999, 0)]
    [InlineData(1000, 1000, 1)]
    [InlineData(0, 0, 0)]
    public void A_lost_or_wrong_answer_or_none_at_all_breaks_it(long due, long answered, long wrong)
    {
        Assert.False(DemoVerdict.Of(Story(), new LoadTotals(due, answered, wrong, Rate: 20), Slo).Kept);
    }

    [Fact]
    public void Replicas_that_never_go_up_break_it()
    {
        Assert.False(DemoVerdict.Of([.. Story().Select(static second => second with { ReadyReplicas = 1 })], AllRight, Slo).Kept);
    }

    [Fact]
    public void Replicas_that_do_not_come_down_break_it()
    {
        var story = Story();

        Assert.False(DemoVerdict.Of([.. story.Take(story.Count - 1), story[^1] with { ReadyReplicas = 2 }], AllRight, Slo).Kept);
    }

    [Fact]
    public void A_batch_limit_that_never_moves_breaks_it()
    {
        Assert.False(DemoVerdict.Of([.. Story().Select(static second => second with { BatchLimit = 8 })], AllRight, Slo).Kept);
    }

    [Fact]
    public void Four_seconds_on_end_within_the_SLO_are_too_few()
    {
        var story = Story().ToList();
        var broken = story.FindLastIndex(static second => second.Load.Phase == 1);
        story[broken] = story[broken] with { Load = story[broken].Load with { P99 = TimeSpan.FromMilliseconds(41) } };

        Assert.False(DemoVerdict.Of(story, AllRight, Slo).Kept);
    }

    [Fact]
    public void Seconds_within_the_SLO_before_replicas_went_up_do_not_count()
    {
        var story = Story().Select(static second => second.Load.Phase == 1 && second.ReadyReplicas > 1 && second.Load.Second < 9 ? second with { ReadyReplicas = 1 } : second);

        Assert.False(DemoVerdict.Of([.. story], AllRight, Slo).Kept);
    }

    [Fact]
    public void A_second_in_which_requests_were_refused_is_not_within_the_SLO()
    {
        var story = Story().ToList();
        var broken = story.FindLastIndex(static second => second.Load.Phase == 1);
        story[broken] = story[broken] with { Load = story[broken].Load with { NotAnswered = 1 } };

        Assert.False(DemoVerdict.Of(story, AllRight, Slo).Kept);
    }

    /// <summary>Three seconds low, three missed and five met in the high phase, two low with the replica gone again.</summary>
    private static IReadOnlyList<DemoSecond> Story() =>
    [
        .. Enumerable.Range(1, 3).Select(static t => Second(t, phase: 0, p99: 5, batch: 1, replicas: 1)),
        .. Enumerable.Range(4, 3).Select(static t => Second(t, phase: 1, p99: 300, batch: 8, replicas: 1)),
        .. Enumerable.Range(7, DemoVerdict.SteadySeconds).Select(static t => Second(t, phase: 1, p99: 30, batch: 16, replicas: 2)),
        Second(12, phase: 2, p99: 5, batch: 16, replicas: 2),
        Second(13, phase: 2, p99: 5, batch: 16, replicas: 1),
    ];

    private static DemoSecond Second(int second, int phase, double p99, int batch, int replicas) => new(
        new LoadSecond(second, phase, Answered: 100, NotAnswered: 0, Wrong: 0, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(p99)),
        batch,
        replicas,
        replicas,
        "because");
}
