using InferenceOperator.Core.Observation;
using InferenceOperator.Local.Replicas;

namespace InferenceOperator.Tests.Local;

public sealed class RolloutTests
{
    [Fact]
    public void Missing_replicas_are_started() => Assert.Equal(2, Next(3, New("a", ReplicaPhase.Ready)).Start.Single());

    [Fact]
    public void Of_too_many_the_one_that_is_not_ready_goes_first() =>
        Assert.Equal(new[] { "b" }, Next(1, New("a", ReplicaPhase.Ready), New("b", ReplicaPhase.Starting)).Drain);

    [Fact]
    public void Of_too_many_ready_ones_the_youngest_goes() =>
        Assert.Equal(new[] { "b" }, Next(1, New("a", ReplicaPhase.Ready), New("b", ReplicaPhase.Ready)).Drain);

    [Fact]
    public void A_draining_replica_no_longer_counts() =>
        Assert.Equal(1, Next(1, New("a", ReplicaPhase.Draining)).Start.Single());

    [Fact]
    public void A_former_replica_serves_until_a_new_one_is_ready_in_its_place()
    {
        var starting = Next(1, Old("a", ReplicaPhase.Ready), New("b", ReplicaPhase.Starting));
        Assert.Equal((0, 0), (starting.Start.Single(), starting.Drain.Length));

        Assert.Equal(new[] { "a" }, Next(1, Old("a", ReplicaPhase.Ready), New("b", ReplicaPhase.Ready)).Drain);
    }

    [Fact]
    public void Former_replicas_serve_on_while_new_ones_fail() =>
        Assert.Empty(Next(1, Old("a", ReplicaPhase.Ready), New("b", ReplicaPhase.Failed)).Drain);

    [Fact]
    public void Former_replicas_that_do_not_serve_go_at_once_when_another_does() =>
        Assert.Equal(new[] { "b" }, Next(2, Old("a", ReplicaPhase.Ready), Old("b", ReplicaPhase.Failed)).Drain);

    [Fact]
    public void Asked_for_none_all_go() =>
        Assert.Equal(new[] { "b", "a" }, Next(0, Old("a", ReplicaPhase.Ready), New("b", ReplicaPhase.Ready)).Drain);

    [Fact]
    public void Each_side_of_a_roll_out_has_its_own_number()
    {
        var moves = Rollout.Next([New("a", ReplicaPhase.Ready), New("b", ReplicaPhase.Ready), Old("c", ReplicaPhase.Ready)], 1, 2);

        Assert.Equal(new[] { 0, 2 }, moves.Start);
        Assert.Equal(new[] { "b" }, moves.Drain); // The former one covers what is not ready yet.
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_becomes_ready_when_there_are_never_fewer_answering_than_before(int seed)
    {
        var random = new Random(seed);
        var members = new List<Rollout.Member> { Old("o1", ReplicaPhase.Ready), Old("o2", ReplicaPhase.Ready) };
        for (var i = 0; i < 100; i++)
        {
            var moves = Rollout.Next(members, 2);
            members.RemoveAll(member => moves.Drain.Contains(member.Name));
            members.AddRange(Enumerable.Range(0, moves.Start.Single()).Select(n => New($"n{i}.{n}", ReplicaPhase.Starting)));
            Assert.True(members.Count(member => member.Phase is ReplicaPhase.Ready) >= 2, $"seed {seed}, step {i}");
            var starting = members.FindIndex(member => member.Phase is not ReplicaPhase.Ready);
            if (starting >= 0)
            {
                members[starting] = members[starting] with { Phase = random.Next(3) == 0 ? ReplicaPhase.Ready : ReplicaPhase.Failed };
            }
        }

        Assert.Equal((2, 0), (members.Count(member => member.Side == 0), members.Count(member => member.Side == Rollout.Former)));
    }

    private static Rollout.Moves Next(int wanted, params Rollout.Member[] members) => Rollout.Next(members, wanted);

    private static Rollout.Member New(string name, ReplicaPhase phase) => new(name, 0, phase);

    private static Rollout.Member Old(string name, ReplicaPhase phase) => new(name, Rollout.Former, phase);
}
