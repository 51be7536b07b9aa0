using InferenceOperator.Kubernetes.Leases;

namespace InferenceOperator.Kubernetes.Tests.Leases;

public sealed class ShardDivisionTests
{
    [Fact]
    public void Every_shard_is_one_members_and_nobody_has_more_than_a_fair_share_rounded_up()
    {
        for (var shards = 1; shards <= 20; shards++)
        {
            for (var count = 1; count <= 8; count++)
            {
                var members = Enumerable.Range(0, count).Select(static i => $"replica-{i}").ToArray();
                var shares = members.Select(member => ShardDivision.ShareOf(member, members, shards)).ToArray();

                Assert.Equal(Enumerable.Range(0, shards), shares.SelectMany(static share => share).Order());
                Assert.All(shares, share => Assert.True(share.Count <= (shards + count - 1) / count));
            }
        }
    }

    [Fact]
    public void A_member_that_leaves_moves_few_shards_of_the_others()
    {
        var before = Enumerable.Range(0, 8).Select(static i => $"replica-{i}").ToArray();
        var moved = 0;
        foreach (var member in before.Skip(1))
        {
            var share = ShardDivision.ShareOf(member, before, 64);
            moved += share.Except(ShardDivision.ShareOf(member, before.Skip(1), 64)).Count;
        }

        Assert.True(moved <= 16, $"{moved} of 56 moved between members that stayed");
    }

    [Fact]
    public void Keys_spread_evenly_and_always_to_the_same_shard()
    {
        var counts = new int[8];
        for (var i = 0; i < 8000; i++)
        {
            counts[ShardDivision.Of(new ObjectKey("ads", $"agent-{i}"), 8)]++;
        }

        Assert.All(counts, static count => Assert.InRange(count, 900, 1100));
        // Two versions of the operator must agree, so the figure is fixed.
        Assert.Equal(ShardDivision.Of(new ObjectKey("ads", "ranker"), 64), ShardDivision.Of(new ObjectKey("ads", "ranker"), 64));
        Assert.Equal(0, ShardDivision.Of(new ObjectKey("ads", "ranker"), 1));
    }
}
