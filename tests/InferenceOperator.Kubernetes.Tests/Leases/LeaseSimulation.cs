using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Testing.Simulated;
using Xunit.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Leases;

/// <summary>Replicas that contend for Leases on simulated time, where what has to come within seconds can be told from a machine that is slow.</summary>
internal sealed class LeaseSimulation
{
    /// <summary>Its name among the simulations.</summary>
    internal const string Simulation = "leases";

    private const int Cases = 40;

    /// <summary>Longer than any Lease takes to run out and be taken.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(40);

    private readonly Timeline _time = new();
    private readonly Random _random;
    private readonly SimulatedApiServer _server;
    private readonly List<SimulatedLeaseReplica> _replicas = [];

    private LeaseSimulation(Random random)
    {
        _random = random;
        _server = new SimulatedApiServer(new SimulatedApi(_time.Clock, [new("coordination.k8s.io", "v1", "leases", "Lease")]), _time.Clock);
    }

    public static Task SimulateAsync(ITestOutputHelper output) => new FuzzRun(output, Simulation) { TimeMax = TimeSpan.FromMinutes(2) }.RunAsync(Cases, atOnce: 1, async random =>
    {
        Func<LeaseSimulation, Task>[] all =
        [
            static s => s.When_the_leader_is_killed_the_next_works_within_15_s_and_never_do_two(),
            static s => s.Work_that_does_not_end_is_not_allowed_to_write_any_more(),
            static s => s.Three_replicas_divide_six_shards_and_take_over_from_one_another(),
            static s => s.Another_division_of_the_same_work_begins_only_when_the_first_has_ended(),
            static s => s.Two_divisions_that_begin_at_the_same_time_do_not_block_each_other_for_ever(),
        ];
        foreach (var scenario in all)
        {
            var simulation = new LeaseSimulation(random);
            await scenario(simulation);
            foreach (var replica in simulation._replicas)
            {
                await simulation._time.FinishAsync(replica.EndAsync());
            }
        }
    });

    private async Task When_the_leader_is_killed_the_next_works_within_15_s_and_never_do_two()
    {
        var ledger = new WorkLedger();
        var first = Replica("first", ledger);
        await UntilAsync(ledger, ["first:0"], Soon);
        Replica("second", ledger);
        await _time.RunAsync(TimeSpan.FromSeconds(3 + (20 * _random.NextDouble())));

        first.IsCut = true;
        await UntilAsync(ledger, ["second:0"], TimeSpan.FromSeconds(15));
        Assert.Equal(1, first.Leases.Lost);

        // Back again, it waits like anybody else.
        first.IsCut = false;
        await _time.RunAsync(Soon);
        Assert.Equal(["second:0"], ledger.Holders);
        Assert.Empty(ledger.Breaches);
    }

    private async Task Work_that_does_not_end_is_not_allowed_to_write_any_more()
    {
        var ledger = new WorkLedger { Stubborn = true };
        var first = Replica("first", ledger);
        await UntilAsync(ledger, ["first:0"], Soon);
        Assert.True(first.Leases.MayWrite);

        first.IsCut = true;
        Assert.True(await _time.RunAsync(new LeaseTiming().WorkFor, () => ledger.Told == 1));
        Assert.False(first.Leases.MayWrite);
        Assert.Equal(["first:0"], ledger.Holders);

        ledger.Yield();
        await UntilAsync(ledger, [], Soon);
        Assert.True(first.Leases.MayWrite);
    }

    private async Task Three_replicas_divide_six_shards_and_take_over_from_one_another()
    {
        var ledger = new WorkLedger();
        Replica("a", ledger, shards: 6);
        await UntilAsync(ledger, 6, 0, 0);
        var b = Replica("b", ledger, shards: 6);
        var c = Replica("c", ledger, shards: 6);
        await UntilAsync(ledger, 2, 2, 2);

        b.IsCut = true;
        await UntilAsync(ledger, 3, 0, 3);
        b.IsCut = false;
        await UntilAsync(ledger, 2, 2, 2);
        _replicas.Remove(c);
        await _time.FinishAsync(c.EndAsync());
        await UntilAsync(ledger, 3, 3, 0);
        Assert.Empty(ledger.Breaches);
    }

    private async Task Another_division_of_the_same_work_begins_only_when_the_first_has_ended()
    {
        var ledger = new WorkLedger { Exclusive = true };
        var one = Replica("one", ledger);
        await UntilAsync(ledger, ["one:0"], Soon);
        Replica("three", ledger, shards: 3);
        await _time.RunAsync(Soon);
        Assert.Equal(["one:0"], ledger.Holders);

        one.IsCut = true;
        await UntilAsync(ledger, ["three:0", "three:1", "three:2"], Soon);
        one.IsCut = false;
        await _time.RunAsync(Soon);
        Assert.Equal(0, ledger.Of("one"));
        Assert.Empty(ledger.Breaches);
    }

    private async Task Two_divisions_that_begin_at_the_same_time_do_not_block_each_other_for_ever()
    {
        var ledger = new WorkLedger { Exclusive = true };
        Replica("two", ledger, shards: 2);
        Replica("three", ledger, shards: 3);

        Assert.True(await _time.RunAsync(TimeSpan.FromMinutes(5), () => ledger.Of("two") == 2 || ledger.Of("three") == 3), string.Join(", ", ledger.Holders));
        Assert.Empty(ledger.Breaches);
    }

    private async Task UntilAsync(WorkLedger ledger, string[] holders, TimeSpan within) =>
        Assert.True(await _time.RunAsync(within, () => ledger.Holders.SequenceEqual(holders)), $"{string.Join(", ", ledger.Holders)} work, not {string.Join(", ", holders)}");

    private async Task UntilAsync(WorkLedger ledger, int a, int b, int c) =>
        Assert.True(await _time.RunAsync(Soon, () => (ledger.Of("a"), ledger.Of("b"), ledger.Of("c")) == (a, b, c)), string.Join(", ", ledger.Holders));

    private SimulatedLeaseReplica Replica(string name, WorkLedger ledger, int shards = 1)
    {
        var replica = new SimulatedLeaseReplica(_server, _time, new LeaseOptions { Namespace = "operators", Group = "test", Identity = name, Shards = shards }, ledger, _random);
        _replicas.Add(replica);
        return replica;
    }
}
