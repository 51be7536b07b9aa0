using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Leases;

/// <summary>Replicas that contend for Leases of a real API server.</summary>
[Collection(ApiServerCollection.Name)]
public sealed class ShardLeasesTests(KubeApiServerFixture fixture)
{
    private static readonly LeaseTiming Brisk = new()
    {
        Duration = TimeSpan.FromSeconds(4),
        WorkFor = TimeSpan.FromSeconds(3),
        RoundEvery = TimeSpan.FromMilliseconds(300),
        AnswerWithin = TimeSpan.FromSeconds(1.5),
    };

    [ServerFact(Server.KubeApiServer)]
    public async Task Of_two_one_works_and_the_other_follows_at_once_when_it_ends_in_order()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var ledger = new WorkLedger();
        await using var first = Replica("first", ns, ledger);
        await ledger.UntilAsync(static l => l.Holders.SequenceEqual(["first:0"]));
        await using var second = Replica("second", ns, ledger);
        await second.SawOthersAsync();

        await first.DisposeAsync();

        await ledger.UntilAsync(static l => l.Holders.SequenceEqual(["second:0"]));
        Assert.Empty(ledger.Breaches);
        Assert.Equal((1, 0), (first.Leases.Gained, first.Leases.Lost));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task When_the_leader_is_killed_the_next_works_within_15_s_and_never_do_two()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var ledger = new WorkLedger();
        await using var first = Replica("first", ns, ledger, timing: new());
        await ledger.UntilAsync(static l => l.Holders.SequenceEqual(["first:0"]));
        await using var second = Replica("second", ns, ledger, timing: new());
        await second.SawOthersAsync();

        var cut = TimeProvider.System.GetTimestamp();
        first.Connection.Close();
        await ledger.UntilAsync(static l => l.Holders.SequenceEqual(["second:0"]));

        var took = TimeProvider.System.GetElapsedTime(cut);
        Assert.True(took < TimeSpan.FromSeconds(15), $"took {took}");
        Assert.Empty(ledger.Breaches);
        Assert.Equal(1, first.Leases.Lost);

        // Back again, it waits like anybody else.
        first.Connection.Open();
        await first.SawOthersAsync();
        Assert.Equal(["second:0"], ledger.Holders);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Work_that_does_not_end_is_not_allowed_to_write_any_more()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var ledger = new WorkLedger { Stubborn = true };
        await using var first = Replica("first", ns, ledger);
        await ledger.UntilAsync(static l => l.Holders.SequenceEqual(["first:0"]));
        Assert.True(first.Leases.MayWrite);

        bool mayWrite;
        try
        {
            first.Connection.Close();
            await ledger.UntilAsync(static l => l.Told == 1);
            mayWrite = first.Leases.MayWrite;
        }
        finally
        {
            // Or nothing would ever end.
            ledger.Yield();
        }

        Assert.False(mayWrite);
        await ledger.UntilAsync(static l => l.Holders.Count == 0);
        Assert.True(first.Leases.MayWrite);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Three_replicas_divide_six_shards_and_take_over_from_one_another()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var ledger = new WorkLedger();
        await using var a = Replica("a", ns, ledger, shards: 6);
        await ledger.UntilAsync(static l => l.Of("a") == 6);
        await using var b = Replica("b", ns, ledger, shards: 6);
        await using var c = Replica("c", ns, ledger, shards: 6);
        await ledger.UntilAsync(static l => l.Of("a") == 2 && l.Of("b") == 2 && l.Of("c") == 2);

        b.Connection.Close();
        await ledger.UntilAsync(static l => l.Of("a") == 3 && l.Of("b") == 0 && l.Of("c") == 3);
        b.Connection.Open();
        await ledger.UntilAsync(static l => l.Of("a") == 2 && l.Of("b") == 2 && l.Of("c") == 2);
        await c.DisposeAsync();
        await ledger.UntilAsync(static l => l.Of("a") == 3 && l.Of("b") == 3);

        Assert.Empty(ledger.Breaches);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Another_division_of_the_same_work_begins_only_when_the_first_has_ended()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var ledger = new WorkLedger { Exclusive = true };
        await using var one = Replica("one", ns, ledger, shards: 1);
        await ledger.UntilAsync(static l => l.Of("one") == 1);
        await using var three = Replica("three", ns, ledger, shards: 3);
        await three.SawOthersAsync();
        Assert.Equal(0, ledger.Of("three"));

        one.Connection.Close();
        await ledger.UntilAsync(static l => l.Of("one") == 0 && l.Of("three") == 3);
        one.Connection.Open();
        await one.SawOthersAsync();
        Assert.Equal(0, ledger.Of("one"));
        Assert.Empty(ledger.Breaches);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Two_divisions_that_begin_at_the_same_time_do_not_block_each_other_for_ever()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var ledger = new WorkLedger { Exclusive = true };
        await using var two = Replica("two", ns, ledger, shards: 2);
        await using var three = Replica("three", ns, ledger, shards: 3);

        await ledger.UntilAsync(static l => l.Of("two") == 2 || l.Of("three") == 3);
        Assert.Empty(ledger.Breaches);
    }

    private LeaseReplica Replica(string name, string ns, WorkLedger ledger, int shards = 1, LeaseTiming? timing = null) =>
        new(fixture.Server.AdminKubeconfig, new LeaseOptions { Namespace = ns, Group = "test", Identity = name, Shards = shards, Timing = timing ?? Brisk }, ledger);
}
