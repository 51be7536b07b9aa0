namespace InferenceOperator.Kubernetes.Leases;

/// <summary>All Leases of a group as one replica knows them: the shards, its own sign of life, those of others, other divisions of the work.</summary>
/// <remarks>Not safe for several threads, but that writes of different Leases may be under way at once.</remarks>
internal sealed class LeaseRoll
{
    /// <summary>The sign of life of a replica that was not heard of for so many durations is removed.</summary>
    private const int DeadAfterDurations = 6;

    private readonly LeaseOptions _options;
    private readonly LeaseNames _names;
    private readonly LeaseApi _api;
    private readonly Func<TimeSpan> _now;
    private readonly LeaseContest _member;
    private readonly Dictionary<string, LeaseContest> _others = new(StringComparer.Ordinal);

    public LeaseRoll(LeaseOptions options, LeaseApi api, Func<TimeSpan> now)
    {
        (_options, _api, _now) = (options, api, now);
        _names = new LeaseNames(options.Group, options.Shards);
        Shards = [.. Enumerable.Range(0, options.Shards).Select(index => Contest(_names.Shard(index)))];
        _member = Contest(_names.Member(options.Identity));
    }

    /// <summary>The Leases of the shards, by number.</summary>
    public IReadOnlyList<LeaseContest> Shards { get; }

    /// <summary>The Lease of another division of the same work that may still be worked under; null: there is none.</summary>
    public LeaseContest? OtherDivision => _others.Values.FirstOrDefault(other => !_names.IsAnyMember(other.Name) && other.FreeIn(_now()) > TimeSpan.Zero);

    /// <summary>The shards that this replica should have, by who is there.</summary>
    public IReadOnlySet<int> Share => ShardDivision.ShareOf(
        _options.Identity, _others.Values.Where(other => _names.IsMember(other.Name) && other.FreeIn(_now()) > TimeSpan.Zero).Select(static other => other.Seen!.Holder), Shards.Count); // Only what was seen is kept among the others.

    private bool NeedsMembers => Shards.Count > 1;

    /// <summary>Reads all of them anew.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var states = (await _api.ListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(static state => state.Name, StringComparer.Ordinal);
        var now = _now();
        foreach (var own in Shards.Append(_member))
        {
            own.Saw(states.GetValueOrDefault(own.Name), now);
            states.Remove(own.Name);
        }

        foreach (var gone in _others.Keys.Except(states.Keys, StringComparer.Ordinal).ToList())
        {
            _others.Remove(gone);
        }

        foreach (var (name, state) in states)
        {
            if (!_others.TryGetValue(name, out var other))
            {
                _others[name] = other = Contest(name);
            }

            other.Saw(state, now);
        }
    }

    /// <summary>Says that this replica is there, where others have to know.</summary>
    public Task ShowAsync(CancellationToken cancellationToken) => NeedsMembers && !_member.MustLook ? ClaimAsync(_member, cancellationToken) : Task.CompletedTask;

    /// <summary>Claims or renews.</summary>
    /// <returns>True: a new hold; false: one that was still good was renewed; null: the Lease was not as last seen.</returns>
    public async Task<bool?> ClaimAsync(LeaseContest contest, CancellationToken cancellationToken)
    {
        var sentAt = _now();
        var made = default(LeaseState);
        try
        {
            made = await _api.ClaimAsync(contest.Name, contest.Seen, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (made is null)
            {
                contest.LostSight();
            }
        }

        return made is null ? null : contest.Claimed(made, sentAt, _now());
    }

    /// <summary>Gives a Lease up, if it is this replica's; the work on it has ended.</summary>
    /// <returns>Whether there was something to give up.</returns>
    public async Task<bool> GiveUpAsync(LeaseContest contest, CancellationToken cancellationToken)
    {
        if (contest is not { IsOurs: true, Seen: { } seen })
        {
            return false;
        }

        contest.GaveUp(null, _now());
        if (await _api.GiveUpAsync(seen, cancellationToken).ConfigureAwait(false) is { } made)
        {
            contest.GaveUp(made, _now());
        }

        return true;
    }

    /// <summary>Removes signs of life that have been old for long.</summary>
    public Task ForgetDeadAsync(CancellationToken cancellationToken) => Task.WhenAll(_others.Values
        .Where(other => _names.IsAnyMember(other.Name) && other.FreeIn(_now()) < -_options.Timing.Duration * DeadAfterDurations)
        .Select(other => _api.DeleteAsync(other.Seen!, cancellationToken))); // As above.

    /// <summary>Takes back the sign of life.</summary>
    public Task LeaveAsync(CancellationToken cancellationToken) =>
        _member is { IsOurs: true, Seen: { } seen } ? _api.DeleteAsync(seen, cancellationToken) : Task.CompletedTask;

    private LeaseContest Contest(string name) => new(name, _options.Identity, _options.Timing);
}
