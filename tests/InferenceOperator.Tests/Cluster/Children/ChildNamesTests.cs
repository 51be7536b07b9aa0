using InferenceOperator.Cluster.Children;

namespace InferenceOperator.Tests.Cluster.Children;

public sealed class ChildNamesTests
{
    [Fact]
    public void A_name_that_is_a_service_name_is_lent_unchanged() => Assert.Equal("ctr-ranker", ChildNames.Of("ctr-ranker").Base);

    [Theory]
    [InlineData("a.b")]
    [InlineData("1st")]
    [InlineData("this-name-is-so-long-that-with-a-suffix-it-would-not-fit-any-more-into-a-label")]
    public void Any_other_name_becomes_a_dns_label_that_leaves_room_for_suffixes(string agent)
    {
        var name = ChildNames.Of(agent).Base;

        Assert.Matches("^[a-z]([-a-z0-9]*[a-z0-9])?$", name);
        Assert.InRange(name.Length, 1, ChildNames.BaseLengthMax);
        Assert.True(ChildNames.Of(agent).Settings(null).Length <= 63);
        Assert.Matches("^[a-z]([-a-z0-9]*[a-z0-9])?$", ChildNames.Of(agent).Peers);
        Assert.InRange(ChildNames.Of(agent).Peers.Length, 1, 63);
    }

    [Fact]
    public void The_service_of_the_peers_is_not_called_like_an_agent_that_is_named_after_another() =>
        Assert.Matches("^ranker-peers-[0-9a-f]{8}$", ChildNames.Of("ranker").Peers);

    [Fact]
    public void Names_that_look_alike_afterwards_stay_apart() => Assert.NotEqual(ChildNames.Of("a.b").Base, ChildNames.Of("a-b").Base);
}
