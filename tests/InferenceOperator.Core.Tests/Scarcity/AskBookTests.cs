using InferenceOperator.Core.Scarcity;
using static InferenceOperator.Core.Tests.Scarcity.Asks;

namespace InferenceOperator.Core.Tests.Scarcity;

public sealed class AskBookTests
{
    private readonly AskBook _book = new();

    [Fact]
    public void While_all_wishes_fit_nobody_is_cut()
    {
        Assert.Equal(new("ads/a", 3, null), Exchange(Ask("ads/a", 3)));
        Assert.Equal(new("ads/b", 5, null), Exchange(Ask("ads/b", 5)));
    }

    [Fact]
    public void The_one_that_loses_hears_of_it_with_its_next_ask()
    {
        Exchange(Ask("ads/a", 6));
        Assert.Equal(6, Exchange(Ask("ads/b", 6, priority: 1)).Replicas);

        Assert.Equal(2, Exchange(Ask("ads/a", 6, held: 6)).Replicas);
    }

    [Fact]
    public void What_was_just_given_counts_as_held_before_the_next_ask()
    {
        // Both gain the same from a replica; without that the first in order would take what the second was given.
        Exchange(Ask("ads/b", 8));
        Exchange(Ask("ads/a", 1));
        var given = Exchange(Ask("ads/b", 8)).Replicas;

        Exchange(Ask("ads/a", 8));

        Assert.Equal(given, Exchange(Ask("ads/b", 8, held: given)).Replicas);
    }

    [Fact]
    public void An_agent_that_is_gone_leaves_what_it_held()
    {
        Exchange(Ask("ads/a", 6, priority: 1));
        _book.Forget("ads/a");

        Assert.Equal(8, Exchange(Ask("ads/b", 8)).Replicas);
    }

    [Fact]
    public void Resources_do_not_touch_each_other()
    {
        Exchange(Ask("ads/a", 8));

        Assert.Null(_book.Exchange(Ask("ads/b", 4) with { Resource = Slice }, _ => [Pool(4, resource: Slice)]).Cut);
    }

    private Grant Exchange(ReplicaAsk ask) => _book.Exchange(ask, _ => [Pool(8)]);
}
