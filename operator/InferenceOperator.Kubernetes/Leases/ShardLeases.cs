using InferenceOperator.Kubernetes.Errors;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Leases;

/// <summary>
/// Contends for the Leases of a group and works on the shards whose Lease it holds; with one shard this is leader election. Each shard is
/// worked on by at most one replica at any time.
/// </summary>
/// <remarks>
/// One loop: renew what is held, look at all Leases, give up what others should have, claim what is free. Work begins only after a look
/// that was made after the claim shows no Lease of another division of the same work, and ends by its own timer when the Lease is not
/// renewed in time, whether or not this loop can run. Counters and <see cref="MayWrite"/> may be read by any thread.
/// </remarks>
public sealed class ShardLeases
{
    private readonly LeaseOptions _options;
    private readonly LeaseRoll _roll;
    private readonly Func<int, CancellationToken, Task> _work;
    private readonly KubernetesClient _client;
    private readonly ILogger _logger;
    private readonly long _origin;
    private readonly LeaseTerm?[] _terms;
    private string _trouble = "";
    private string _awaited = "";
    private TimeSpan _claimNotBefore;
    private long _gained;
    private long _lost;

    /// <param name="client">For Leases alone: <see cref="ClientOptions"/>.</param>
    /// <param name="options">Which Leases, as whom.</param>
    /// <param name="work">Works on a shard until cancelled; must end soon after, for the next holder waits for nobody.</param>
    /// <param name="logger">Hears of holds gained and lost.</param>
    public ShardLeases(KubernetesClient client, LeaseOptions options, Func<int, CancellationToken, Task> work, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_client, _options, _work, _logger) = (client, options, work, logger);
        _origin = client.Time.GetTimestamp();
        _roll = new LeaseRoll(options, new LeaseApi(client, options.Namespace, options.Group, options.Identity, options.Timing), Now);
        _terms = new LeaseTerm?[options.Shards];
    }

    /// <summary>Shards that are worked on here.</summary>
    public int Held => _terms.Count(static term => term is { IsEnding: false });

    /// <summary>Times that work on a shard began here.</summary>
    public long Gained => Interlocked.Read(ref _gained);

    /// <summary>Times that work on a shard had to end here because its Lease was not renewed in time or was taken.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>False while work goes on under a Lease that has run out: then nothing may be sent that changes something.</summary>
    public bool MayWrite
    {
        get
        {
            var now = Now();
            foreach (var term in _terms)
            {
                if (term is not null && !term.MaySend(now))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private IEnumerable<int> All => Enumerable.Range(0, _terms.Length);

    /// <summary>How a client for Leases is to be made: one try a request, for a late answer is of no use.</summary>
    public static KubernetesClientOptions ClientOptions(LeaseTiming timing, KubernetesClientOptions basis) =>
        basis with { AttemptsMax = 1, RequestTimeout = timing.AnswerWithin };

    /// <summary>Contends until cancelled; then ends all work, and gives the Leases up so that others need not wait.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var pause = await GuardedRoundAsync(cancellationToken).ConfigureAwait(false);
                await Task.Delay(pause, _client.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            await LeaveAsync().ConfigureAwait(false);
        }
    }

    private TimeSpan Now() => _client.Time.GetElapsedTime(_origin);

    private async Task<TimeSpan> GuardedRoundAsync(CancellationToken cancellationToken)
    {
        var every = _options.Timing.RoundEvery;
        try
        {
            await RoundAsync(cancellationToken).ConfigureAwait(false);
            _trouble = "";
            // Who waits for a Lease to run out looks then, spread a little.
            var next = every * (0.8 + (0.2 * _client.NextJitter()));
            var free = _roll.Shards.Where(shard => !shard.IsOurs).Select(shard => shard.FreeIn(Now())).Where(static left => left > TimeSpan.Zero).DefaultIfEmpty(next).Min();
            return free < next ? free + (every * 0.1 * _client.NextJitter()) : next;
        }
        catch (ApiException error)
        {
            if (_trouble != error.Message)
            {
                _trouble = error.Message;
                _logger.LeasesAway(error.Message);
            }

            // Soon again: what is held runs out.
            return every * (0.2 + (0.2 * _client.NextJitter()));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        await BuryAsync(static term => term.Work.IsCompleted).ConfigureAwait(false);
        if (_roll.Shards.Any(static shard => shard.MustLook))
        {
            await LookAsync(cancellationToken).ConfigureAwait(false);
        }

        await Task.WhenAll(All.Where(Renewable).Select(shard => RenewAsync(shard, cancellationToken)).Append(_roll.ShowAsync(cancellationToken))).ConfigureAwait(false);
        await LookAsync(cancellationToken).ConfigureAwait(false);
        var share = _roll.Share;
        await GiveUpAsync(share, cancellationToken).ConfigureAwait(false);
        if (_roll.OtherDivision is { } other)
        {
            Await(other, otherDivision: true);
            return;
        }

        await ClaimAsync(share, cancellationToken).ConfigureAwait(false);
        if (!share.Any(Startable))
        {
            return;
        }

        // Claimed first, looked then: of two divisions that claim at the same time at least one sees the other.
        await LookAsync(cancellationToken).ConfigureAwait(false);
        if (_roll.OtherDivision is not null)
        {
            await Task.WhenAll(share.Where(Startable).Select(shard => GiveUpAsync(shard, cancellationToken))).ConfigureAwait(false);
            _claimNotBefore = Now() + (_options.Timing.Duration * (1 + _client.NextJitter()));
            return;
        }

        foreach (var shard in share.Where(Startable).ToList())
        {
            Start(shard);
        }
    }

    private bool Renewable(int shard) => _terms[shard] is not null && _roll.Shards[shard] is { IsOurs: true, MustLook: false } lease && lease.IsHeld(Now());

    private bool Startable(int shard) => _terms[shard] is null && _roll.Shards[shard].IsHeld(Now());

    private async Task RenewAsync(int shard, CancellationToken cancellationToken)
    {
        var lease = _roll.Shards[shard];
        // A hold that ran out on the way does not come to life again under the same work.
        if (await _roll.ClaimAsync(lease, cancellationToken).ConfigureAwait(false) is false)
        {
            var now = Now();
            _terms[shard]?.Extend(now, lease.Left(now));
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await _roll.LookAsync(cancellationToken).ConfigureAwait(false);
        foreach (var shard in All.Where(shard => !_roll.Shards[shard].IsHeld(Now())))
        {
            // Taken by somebody: the work ends now, not when its time is up.
            _terms[shard]?.End();
        }
    }

    /// <summary>Tells the work on what others should have to end, and gives up what is not worked on any more.</summary>
    private async Task GiveUpAsync(IReadOnlySet<int> share, CancellationToken cancellationToken)
    {
        var others = All.Where(shard => !share.Contains(shard)).ToList();
        foreach (var shard in others)
        {
            _terms[shard]?.End();
        }

        await Task.WhenAll(others.Where(shard => _terms[shard] is null).Select(shard => GiveUpAsync(shard, cancellationToken))).ConfigureAwait(false);
        await _roll.ForgetDeadAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task GiveUpAsync(int shard, CancellationToken cancellationToken)
    {
        if (await _roll.GiveUpAsync(_roll.Shards[shard], cancellationToken).ConfigureAwait(false))
        {
            _logger.LeaseGivenUp(_roll.Shards[shard].Name);
        }
    }

    private async Task ClaimAsync(IReadOnlySet<int> share, CancellationToken cancellationToken)
    {
        var now = Now();
        if (now < _claimNotBefore)
        {
            return;
        }

        var open = share.Where(shard => _terms[shard] is null && !_roll.Shards[shard].IsHeld(now)).Select(shard => _roll.Shards[shard]).ToLookup(lease => lease.MayClaim(now));
        foreach (var taken in open[false])
        {
            Await(taken, otherDivision: false);
        }

        await Task.WhenAll(open[true].Select(lease => _roll.ClaimAsync(lease, cancellationToken))).ConfigureAwait(false);
    }

    private void Await(LeaseContest lease, bool otherDivision)
    {
        var text = $"{lease.Name} {lease.Seen?.Holder}";
        if (_awaited == text || lease.Seen is not { Holder: { Length: > 0 } holder })
        {
            return;
        }

        _awaited = text;
        if (otherDivision)
        {
            _logger.OtherDivision(lease.Name, holder);
        }
        else
        {
            _logger.LeaseAwaited(lease.Name, holder);
        }
    }

    private void Start(int shard)
    {
        var now = Now();
        var left = _roll.Shards[shard].Left(now);
        if (left > TimeSpan.Zero)
        {
            _terms[shard] = new LeaseTerm(stop => _work(shard, stop), now, left, _client.Time);
            _awaited = "";
            Interlocked.Increment(ref _gained);
            _logger.LeaseGained(_roll.Shards[shard].Name, _options.Identity);
        }
    }

    /// <summary>Waits for the end of work, and forgets it.</summary>
    private async Task BuryAsync(Func<LeaseTerm, bool> which)
    {
        foreach (var shard in All.Where(shard => _terms[shard] is { } term && which(term)))
        {
            var term = _terms[shard]!; // Just seen.
            try
            {
                await term.Work.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Told to end.
            }
#pragma warning disable CA1031 // The edge of the work: whatever it broke on, it is begun anew or given up.
            catch (Exception error)
            {
                _logger.WorkBroke(error, _roll.Shards[shard].Name);
            }
#pragma warning restore CA1031

            if (!_roll.Shards[shard].IsHeld(Now()))
            {
                Interlocked.Increment(ref _lost);
                _logger.LeaseLost(_roll.Shards[shard].Name);
            }

            _terms[shard] = null;
            term.Dispose();
        }
    }

    private async Task LeaveAsync()
    {
        foreach (var term in _terms)
        {
            term?.End();
        }

        await BuryAsync(static _ => true).ConfigureAwait(false);
        try
        {
            // Bounded by the client's time limit.
            await Task.WhenAll(All.Select(shard => GiveUpAsync(shard, CancellationToken.None))).ConfigureAwait(false);
            await _roll.LeaveAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (ApiException error)
        {
            _logger.LeasesAway(error.Message);
        }
    }
}
