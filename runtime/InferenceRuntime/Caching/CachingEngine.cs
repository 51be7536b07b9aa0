using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Tracing;

namespace InferenceRuntime.Caching;

/// <summary>
/// Answers requests that were answered before from memory, and requests that are equal at the same time by one computation. Only
/// answers are kept. Passes the cache by while it does not pay.
/// </summary>
/// <remarks>
/// Hits are not arrivals: the engine's sums show the load on the model. An answer from the cache has no phases and nothing to
/// release; its memory is the garbage collector's, so that an eviction never pulls it away under a reply.
/// </remarks>
internal sealed class CachingEngine : IInferenceEngine
{
    private readonly IInferenceEngine _inner;
    private readonly KeyedHash _hash;
    private readonly ulong _seed;
    private readonly TimeProvider _clock;
    private readonly double _microsecondsPerTimestamp;
    private readonly CacheCounters _counters = new();
    private readonly ComputeShare _share = new();
    private readonly Lock _gate = new();

    // Written under _gate.
    private volatile ActiveCache? _active;

    /// <param name="inner">The engine that computes; it has the settings to start with.</param>
    /// <param name="secret"><see cref="KeyedHash.SecretBytes"/> bytes that nobody outside the process knows.</param>
    /// <param name="clock">The engine's clock.</param>
    public CachingEngine(IInferenceEngine inner, ReadOnlySpan<byte> secret, TimeProvider clock)
    {
        _inner = inner;
        _hash = new KeyedHash(secret);
        _seed = BitConverter.ToUInt64(secret);
        _clock = clock;
        _microsecondsPerTimestamp = 1e6 / clock.TimestampFrequency;
        _active = Create(inner.Settings.Cache);
    }

    /// <inheritdoc/>
    public ModelSignature Signature => _inner.Signature;

    /// <inheritdoc/>
    public RuntimeSettings Settings => _inner.Settings;

    /// <inheritdoc/>
    public EngineStatistics Statistics => _inner.Statistics;

    /// <summary>What the cache did and holds.</summary>
    public CacheSnapshot Cache => _counters.Snapshot(_active?.Responses.Content() ?? default);

    /// <inheritdoc/>
    CacheSnapshot? IInferenceEngine.Cache => Cache;

    /// <inheritdoc/>
    public ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        if (_active is not { } active)
        {
            return _inner.InferAsync(request, cancellationToken);
        }

        if (!active.Benefit.IsPaying && !active.Benefit.Admits(RequestSample.Of(request, _seed)))
        {
            _counters.AddBypassed();
            return _inner.InferAsync(request, cancellationToken);
        }

        var startedAt = _clock.GetTimestamp();
        var hash = RequestKeys.Hash(_hash, request);
        var found = active.Responses.Find(hash, request, startedAt);
        AddLookup(active, (_clock.GetTimestamp() - startedAt) * _microsecondsPerTimestamp, found?.Cost ?? 0);
        if (found is null)
        {
            return ShareAsync(active, hash, request, cancellationToken);
        }

        if (request.DeadlineAt <= startedAt)
        {
            return ValueTask.FromResult<InferenceOutcome>(new InferenceOutcome.Expired());
        }

        _counters.AddHit(found.Cost);
        Note(request, "hit");
        return ValueTask.FromResult<InferenceOutcome>(found.Answer);
    }

    /// <inheritdoc/>
    public InferenceOutcome.QueueFull? TurnAwayUnread() => _active is null ? _inner.TurnAwayUnread() : null; // It may have been answered before.

    /// <inheritdoc/>
    public string? Objection(RuntimeSettings settings) => _inner.Objection(settings);

    /// <inheritdoc/>
    public void Apply(RuntimeSettings settings)
    {
        lock (_gate)
        {
            var before = _inner.Settings;
            _inner.Apply(settings);
            if (!SameAnswers(before, settings))
            {
                Replace(Create(settings.Cache));
            }
            else if (before.Cache.Policy != settings.Cache.Policy || before.Cache.MaxBytes != settings.Cache.MaxBytes)
            {
                Replace(Move(_active, Create(settings.Cache)));
            }
            else if (_active is { } active)
            {
                active.Responses.TimeToLive = Timestamps(settings.Cache.TtlMs);
            }
        }
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken) => _inner.DrainAsync(cancellationToken);

    /// <summary>The responses worth most, for a replica that starts; empty without a cache.</summary>
    /// <param name="bytesMax">Memory that they may take together.</param>
    public IReadOnlyList<CachedResponse> Hottest(long bytesMax) => _active?.Responses.Hottest(bytesMax) ?? [];

    /// <summary>True while the settings ask for a cache.</summary>
    public bool HasCache => _active is not null;

    /// <summary>Takes in a response that another replica of the same model computed; without a cache nothing happens.</summary>
    public void Adopt(FetchedResponse fetched)
    {
        var storedAt = _clock.GetTimestamp() - (long)(fetched.Age.TotalSeconds * _clock.TimestampFrequency);
        var hash = RequestKeys.Hash(_hash, fetched.Request);
        if (_active is { } active && CachedResponse.Copy(hash, fetched.Key, fetched.Outputs, fetched.Cost, storedAt) is { } response)
        {
            active.Responses.Store(response);
        }
    }

    // What does not change answers is left out; whatever else settings come to hold counts as changing them.
    private static bool SameAnswers(RuntimeSettings before, RuntimeSettings now) =>
        before with { Batching = now.Batching, Queue = now.Queue, Slo = now.Slo, Cache = now.Cache, Shadow = now.Shadow } == now;

    private static void Note(InferenceRequest request, string answer)
    {
        if (request.Trace is SampledRequest trace)
        {
            trace.Cache = answer;
        }
    }

    private static ActiveCache? Move(ActiveCache? from, ActiveCache? to)
    {
        if (from is not null && to is not null)
        {
            // The hottest last, so that they are the newest to the policy.
            var responses = from.Responses.Hottest(long.MaxValue);
            for (var i = responses.Count - 1; i >= 0; i--)
            {
                to.Responses.Store(responses[i].ForAnotherCache());
            }
        }

        return to;
    }

    private async ValueTask<InferenceOutcome> ShareAsync(
        ActiveCache active, UInt128 hash, InferenceRequest request, CancellationToken cancellationToken)
    {
        // Ends: each round ends a flight of another request, and the leader of one does not come back.
        while (true)
        {
            var flight = active.Flights.Join(hash, request, out var leads);
            if (flight is null)
            {
                _counters.AddMiss();
                return await _inner.InferAsync(request, cancellationToken).ConfigureAwait(false);
            }

            if (leads)
            {
                return await LeadAsync(active, flight, hash, request, cancellationToken).ConfigureAwait(false);
            }

            if (!await WaitAsync(flight, request, cancellationToken).ConfigureAwait(false))
            {
                return cancellationToken.IsCancellationRequested ? new InferenceOutcome.Cancelled() : new InferenceOutcome.Expired();
            }

            if (flight.Outcome is { } outcome)
            {
                _counters.AddJoined(flight.Cost);
                Note(request, "joined");
                return outcome;
            }
        }
    }

    private async ValueTask<InferenceOutcome> LeadAsync(
        ActiveCache active, Flight flight, UInt128 hash, InferenceRequest request, CancellationToken cancellationToken)
    {
        InferenceOutcome? shared = null;
        var cost = 0.0;
        try
        {
            // Another flight may have ended since this request looked.
            if (active.Responses.Find(hash, request, _clock.GetTimestamp()) is { } found)
            {
                _counters.AddHit(found.Cost);
                Note(request, "hit");
                cost = found.Cost;
                shared = found.Answer;
                return found.Answer;
            }

            _counters.AddMiss();
            var outcome = await _inner.InferAsync(request, cancellationToken).ConfigureAwait(false);
            if (outcome is InferenceOutcome.Answered answered)
            {
                var now = _clock.GetTimestamp();
                cost = _share.Of(answered.Phases.Compute, request.Rows, _inner.Statistics, now);
                if (CachedResponse.Copy(hash, flight.Key, answered.Outputs, cost, now) is { } response)
                {
                    // Before the flight ends: else an equal request in between would find neither.
                    active.Responses.Store(response);
                    shared = response.Answer;
                }
            }
            else if (outcome is not (InferenceOutcome.Cancelled or InferenceOutcome.Expired))
            {
                shared = outcome;
            }

            return outcome;
        }
        finally
        {
            active.Flights.Remove(hash);
            flight.Land(shared, cost);
        }
    }

    /// <summary>Waits for a flight to land; false when the request was cancelled or its deadline passed before.</summary>
    private async ValueTask<bool> WaitAsync(Flight flight, InferenceRequest request, CancellationToken cancellationToken)
    {
        var left = Timeout.InfiniteTimeSpan;
        if (request.DeadlineAt != long.MaxValue)
        {
            left = _clock.GetElapsedTime(_clock.GetTimestamp(), request.DeadlineAt);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            left = left.TotalMilliseconds >= int.MaxValue ? Timeout.InfiniteTimeSpan : left;
        }

        await flight.Landed.WaitAsync(left, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return flight.Landed.IsCompleted;
    }

    private void AddLookup(ActiveCache active, double spent, double saved)
    {
        if (!active.Benefit.AddLookup(spent, saved))
        {
            return;
        }

        lock (_gate)
        {
            if (_active == active)
            {
                // Memory that does not pay is given back.
                Replace(active with { Responses = Empty(_inner.Settings.Cache) });
            }
        }
    }

    private void Replace(ActiveCache? by)
    {
        _counters.AddEvictions(_active?.Responses.Content().Evictions ?? 0);
        _active = by;
    }

    private ActiveCache? Create(CacheSettings settings) => settings.Policy == CachePolicy.None
        ? null
        : new ActiveCache(Empty(settings), new Flights(), new CacheBenefit());

    private ResponseCache Empty(CacheSettings settings) =>
        new(settings.Policy, settings.MaxBytes, 4 * Environment.ProcessorCount, _seed) { TimeToLive = Timestamps(settings.TtlMs) };

    private long Timestamps(double milliseconds) => milliseconds == 0 ? long.MaxValue : (long)(milliseconds / 1000 * _clock.TimestampFrequency);
}
