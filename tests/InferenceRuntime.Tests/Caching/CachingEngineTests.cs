using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Tests.Transport;

namespace InferenceRuntime.Tests.Caching;

public sealed class CachingEngineTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SimulatedClock _clock = new();
    private readonly GatedEngine _inner;
    private readonly CachingEngine _engine;

    public CachingEngineTests()
    {
        _inner = new GatedEngine(EchoEngine.Model(batched: true, ("x", Datatype.UInt8, [-1, -1])), _clock);
        _engine = new CachingEngine(_inner, new byte[KeyedHash.SecretBytes], _clock);
        Set(new CacheSettings { Policy = CachePolicy.S3FIFO });
    }

    [Fact]
    public async Task A_request_that_was_answered_is_answered_again_without_the_model_and_outlives_the_release()
    {
        await AskAsync(7);
        await AskAsync(7);
        await AskAsync(8);
        await AskAsync(7);

        Assert.Equal(2, _inner.Computed);
        Assert.Equal(2, _inner.Released);
        var cache = _engine.Cache;
        Assert.Equal((2, 2, 2, 0), (cache.Hits, cache.Misses, cache.Entries, cache.Bypassed));
        Assert.Equal(0.010, cache.SecondsSaved, precision: 9);
        Assert.InRange(cache.Bytes, 1, 1 << 20);
    }

    [Fact]
    public async Task By_default_there_is_no_cache()
    {
        Set(new CacheSettings());

        await AskAsync(7);
        await AskAsync(7);

        Assert.Equal(2, _inner.Computed);
        Assert.Equal(default, _engine.Cache);
    }

    [Fact]
    public async Task Equal_requests_at_once_are_computed_once()
    {
        _inner.Gate = new SemaphoreSlim(0);
        var asked = Enumerable.Range(0, 10).Select(_ => AskAsync(7)).ToList();
        await _inner.Begins();

        _inner.Gate.Release(10);
        await Task.WhenAll(asked).WaitAsync(Patience);

        Assert.Equal(1, _inner.Computed);
        Assert.Equal(1, _inner.Released);
        Assert.Equal((0, 9, 1), (_engine.Cache.Hits, _engine.Cache.Joined, _engine.Cache.Misses));
    }

    [Fact]
    public async Task A_leader_that_is_cancelled_takes_nobody_with_it()
    {
        _inner.Gate = new SemaphoreSlim(0);
        using var leader = new CancellationTokenSource();
        var first = _engine.InferAsync(Request(7), leader.Token).AsTask();
        await _inner.Begins();
        var others = Enumerable.Range(0, 3).Select(_ => AskAsync(7)).ToList();

        await leader.CancelAsync();
        Assert.IsType<InferenceOutcome.Cancelled>(await first.WaitAsync(Patience));
        await _inner.Begins();
        _inner.Gate.Release(10);
        await Task.WhenAll(others).WaitAsync(Patience);

        Assert.Equal(2, _inner.Computed);
    }

    [Fact]
    public async Task A_leader_whose_run_throws_takes_nobody_with_it()
    {
        _inner.Gate = new SemaphoreSlim(0);
        var throws = true;
        _inner.Instead = _ => throws ? throw new InvalidOperationException("simulated") : null;
        var first = _engine.InferAsync(Request(7), CancellationToken.None).AsTask();
        await _inner.Begins();
        var other = AskAsync(7);

        _inner.Gate.Release();
        await Assert.ThrowsAsync<InvalidOperationException>(() => first.WaitAsync(Patience));
        await _inner.Begins();
        throws = false;
        _inner.Gate.Release();
        await other.WaitAsync(Patience);

        Assert.Equal(2, _inner.Computed);
    }

    [Fact]
    public async Task A_follower_goes_when_it_is_cancelled_or_its_deadline_passes_and_the_leader_goes_on()
    {
        _inner.Gate = new SemaphoreSlim(0);
        var leader = AskAsync(7);
        await _inner.Begins();
        using var client = new CancellationTokenSource();
        var cancelled = _engine.InferAsync(Request(7), client.Token).AsTask();
        var late = _engine.InferAsync(
            Request(7) with { DeadlineAt = _clock.GetTimestamp() + _clock.TimestampFrequency }, CancellationToken.None).AsTask();

        await client.CancelAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.IsType<InferenceOutcome.Cancelled>(await cancelled.WaitAsync(Patience));
        Assert.IsType<InferenceOutcome.Expired>(await late.WaitAsync(Patience));
        _inner.Gate.Release();
        await leader.WaitAsync(Patience);
        Assert.Equal(1, _inner.Computed);
    }

    [Fact]
    public async Task Only_answers_are_kept()
    {
        InferenceOutcome[] outcomes =
        [
            new InferenceOutcome.QueueFull(TimeSpan.FromSeconds(1)), new InferenceOutcome.Expired(), new InferenceOutcome.Cancelled(),
            new InferenceOutcome.Draining(), new InferenceOutcome.Refused("no"), new InferenceOutcome.Failed(),
        ];
        foreach (var outcome in outcomes)
        {
            _inner.Instead = _ => outcome;
            Assert.Same(outcome, await _engine.InferAsync(Request(7), CancellationToken.None));
        }

        _inner.Instead = null;
        await AskAsync(7);

        Assert.Equal(outcomes.Length + 1, _inner.Computed);
        Assert.Equal(1, _engine.Cache.Entries);
    }

    [Fact]
    public async Task A_response_is_given_until_its_time_is_up_also_when_the_limit_changes()
    {
        Set(new CacheSettings { Policy = CachePolicy.LRU, TtlMs = 1000 });
        await AskAsync(7);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AskAsync(7);
        Assert.Equal(1, _inner.Computed);

        _clock.Advance(TimeSpan.FromTicks(1));
        await AskAsync(7);
        Assert.Equal(2, _inner.Computed);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Set(new CacheSettings { Policy = CachePolicy.LRU, TtlMs = 500 });
        await AskAsync(7);
        Assert.Equal(3, _inner.Computed);
    }

    [Fact]
    public async Task A_hit_after_the_deadline_is_no_answer()
    {
        await AskAsync(7);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<InferenceOutcome.Expired>(await _engine.InferAsync(Request(7) with { DeadlineAt = 5 }, CancellationToken.None));
    }

    [Fact]
    public async Task Another_policy_or_size_keeps_what_is_there_and_off_gives_it_up()
    {
        for (byte i = 0; i < 50; i++)
        {
            await AskAsync(i);
        }

        foreach (var policy in Enum.GetValues<CachePolicy>().Where(static p => p != CachePolicy.None))
        {
            Set(new CacheSettings { Policy = policy, MaxBytes = 1 << 20 });
            Assert.Equal(50, _engine.Cache.Entries);
        }

        await AskAsync(49);
        Assert.Equal(50, _inner.Computed);
        Set(new CacheSettings());
        Assert.Equal(0, _engine.Cache.Entries);
        Set(new CacheSettings { Policy = CachePolicy.LRU });
        await AskAsync(49);
        Assert.Equal(51, _inner.Computed);
        Assert.Equal(1, _engine.Cache.Hits);
    }

    [Fact]
    public async Task A_cache_whose_hits_save_less_than_looking_costs_is_passed_by_and_comes_back_when_they_do()
    {
        // On the simulated clock nothing takes time, so looking is free: as a rule 0 is not more than 0.
        _inner.Compute = TimeSpan.Zero;
        for (var i = 0; i < CacheBenefit.Window; i++)
        {
            await AskAsync((byte)i, (byte)(i >> 8));
        }

        Assert.Equal(0, _engine.Cache.Entries);
        var before = _inner.Computed;
        for (var i = 0; i < 10_000; i++)
        {
            await AskAsync((byte)i, (byte)(i >> 8));
        }

        Assert.InRange(_inner.Computed - before, 9_000, 10_000);
        Assert.InRange(_engine.Cache.Bypassed, 9_000, 9_999);

        _inner.Compute = TimeSpan.FromMilliseconds(1);
        Set(new CacheSettings { Policy = CachePolicy.LRU });
        for (var i = 0; i < 200_000 && _engine.Cache.Hits < 5_000; i++)
        {
            await AskAsync((byte)i, (byte)(i >> 8 & 15));
        }

        Assert.Equal(5_000, _engine.Cache.Hits);
    }

    [Fact]
    public async Task Settings_change_under_load_and_every_answer_is_right()
    {
        var inner = new GatedEngine(_inner.Signature, TimeProvider.System);
        var engine = new CachingEngine(inner, new byte[KeyedHash.SecretBytes], TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 10_000; i++)
            {
                await AskAsync(engine, (byte)random.Next(256), (byte)random.Next(2));
            }
        })).ToArray();
        var all = Task.WhenAll(clients);
        var policies = Enum.GetValues<CachePolicy>();
        for (var i = 0; !all.IsCompleted; i++)
        {
            engine.Apply(new RuntimeSettings { Cache = new CacheSettings { Policy = policies[i % policies.Length], MaxBytes = 64 << 10 << (i % 3) } });
            await Task.Yield();
        }

        await all.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(40_000, engine.Cache.Hits + engine.Cache.Joined + inner.Computed);
    }

    private static InferenceRequest Request(params byte[] bytes) =>
        new([new TensorContent(new long[] { 1, bytes.Length }, bytes)], 1, bytes.Length, 1, 0, 0, long.MaxValue);

    private static async Task AskAsync(CachingEngine engine, params byte[] bytes)
    {
        var answered = Assert.IsType<InferenceOutcome.Answered>(await engine.InferAsync(Request(bytes), CancellationToken.None));
        Assert.Equal(bytes.Select(static b => (byte)(b + 1)), answered.Outputs[0].Bytes.ToArray());
        Assert.Equal(new long[] { 1, bytes.Length }, answered.Outputs[0].Shape.ToArray());
        answered.Release?.Invoke();
    }

    private Task AskAsync(params byte[] bytes) => AskAsync(_engine, bytes);

    private void Set(CacheSettings settings) => _engine.Apply(new RuntimeSettings { Cache = settings });
}
