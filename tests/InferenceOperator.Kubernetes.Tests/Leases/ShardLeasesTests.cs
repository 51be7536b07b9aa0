using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Leases;

/// <summary>Replicas that contend for Leases of a real API server, where none has to run out; where one has to, see <see cref="LeaseSimulationTests"/>.</summary>
[Collection(ApiServerCollection.Name)]
public sealed class ShardLeasesTests(KubeApiServerFixture fixture)
{
    /// <summary>So long that none runs out, however slow the machine is: only an orderly end hands a Lease on.</summary>
    private static readonly LeaseTiming Patient = new()
    {
        Duration = TimeSpan.FromMinutes(30),
        WorkFor = TimeSpan.FromMinutes(25),
        RoundEvery = TimeSpan.FromMilliseconds(300),
        AnswerWithin = TimeSpan.FromMinutes(2),
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
    public async Task Three_replicas_divide_six_shards_and_take_over_what_one_gives_up()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var ledger = new WorkLedger();
        await using var a = Replica("a", ns, ledger, shards: 6);
        await ledger.UntilAsync(static l => l.Of("a") == 6);
        await using var b = Replica("b", ns, ledger, shards: 6);
        await using var c = Replica("c", ns, ledger, shards: 6);
        await ledger.UntilAsync(static l => l.Of("a") == 2 && l.Of("b") == 2 && l.Of("c") == 2);

        await c.DisposeAsync();
        await ledger.UntilAsync(static l => l.Of("a") == 3 && l.Of("b") == 3);

        Assert.Empty(ledger.Breaches);
    }

    private LeaseReplica Replica(string name, string ns, WorkLedger ledger, int shards = 1) =>
        new(fixture.Server.AdminKubeconfig, new LeaseOptions { Namespace = ns, Group = "test", Identity = name, Shards = shards, Timing = Patient }, ledger);
}
