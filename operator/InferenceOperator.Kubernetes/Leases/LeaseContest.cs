namespace InferenceOperator.Kubernetes.Leases;

/// <summary>The rules by which one contender holds one Lease or waits for it, without threads, clocks or requests.</summary>
/// <remarks>
/// Times are what the contender's own monotonic clock shows, from a start of its own; the times written in a Lease are never read,
/// so that clocks may differ and step. Writes must be bound to the state in <see cref="Seen"/>: that nobody else wrote in between is
/// what makes two holders impossible. Not safe for several threads.
/// </remarks>
/// <param name="name">The Lease.</param>
/// <param name="identity">The contender; no other one, and no former life of this one, may have the same.</param>
/// <param name="timing">How long it is good.</param>
internal sealed class LeaseContest(string name, string identity, LeaseTiming timing)
{
    private TimeSpan _seenAt;
    private TimeSpan? _heldFrom;
    private bool _everSeen;

    /// <summary>The Lease's name.</summary>
    public string Name => name;

    /// <summary>The contender.</summary>
    public string Identity => identity;

    /// <summary>The state last seen; null: there is none.</summary>
    public LeaseState? Seen { get; private set; }

    /// <summary>Whether the state must be read before anything can be written: it is not known, or was found to be another.</summary>
    public bool MustLook { get; private set; } = true;

    /// <summary>Whether the Lease, as last seen, is written to this contender.</summary>
    public bool IsOurs => Seen?.Holder == identity;

    /// <summary>Whether the holder may work at this moment.</summary>
    public bool IsHeld(TimeSpan now) => Left(now) > TimeSpan.Zero;

    /// <summary>How long the holder may still work unless it renews; zero or less: it may not.</summary>
    public TimeSpan Left(TimeSpan now) => _heldFrom is { } from ? from + timing.WorkFor - now : TimeSpan.Zero;

    /// <summary>Whether a claim may be written: the Lease is ours, free, or has not changed for its whole duration.</summary>
    public bool MayClaim(TimeSpan now) => !MustLook && (IsOurs || FreeIn(now) <= TimeSpan.Zero);

    /// <summary>How long others must leave the Lease alone if it does not change any more; zero or less: no longer.</summary>
    public TimeSpan FreeIn(TimeSpan now) => Seen switch
    {
        // Deleted under its holder, who may not know it yet; but where there never was one, nobody can hold it.
        null => _everSeen ? _seenAt + timing.Duration - now : TimeSpan.Zero,
        { Holder.Length: 0 } => TimeSpan.Zero,
        { Duration: var said } => _seenAt + (said > timing.Duration ? said : timing.Duration) - now,
    };

    /// <summary>Takes in what was read.</summary>
    /// <param name="state">The state; null: there is no such Lease.</param>
    /// <param name="now">When the answer came, which is later than the state was written.</param>
    public void Saw(LeaseState? state, TimeSpan now)
    {
        var first = MustLook && !_everSeen && Seen is null;
        if (first || state?.ResourceVersion != Seen?.ResourceVersion)
        {
            _seenAt = now;
        }

        Seen = state;
        _everSeen |= state is not null;
        MustLook = false;
        if (state?.Holder != identity)
        {
            _heldFrom = null;
        }
    }

    /// <summary>A claim was written.</summary>
    /// <param name="state">The state that it made.</param>
    /// <param name="sentAt">When it was sent: from then on the time counts, for the answer may have taken long.</param>
    /// <param name="now">When the answer came.</param>
    /// <returns>True: this is a new hold, not the renewal of one that was still good.</returns>
    public bool Claimed(LeaseState state, TimeSpan sentAt, TimeSpan now)
    {
        // A hold that ended while its renewal was on its way has ended: others may have acted on that.
        var isNew = !IsHeld(now);
        Seen = state;
        _seenAt = now;
        _everSeen = true;
        MustLook = false;
        _heldFrom = sentAt;
        return isNew;
    }

    /// <summary>A write was refused, or its answer did not come: it is not known what the Lease is now.</summary>
    public void LostSight() => MustLook = true;

    /// <summary>The Lease was given up; the work on it had ended before.</summary>
    /// <param name="state">The state that this made; null: it is not known whether it was written.</param>
    /// <param name="now">When the answer came.</param>
    public void GaveUp(LeaseState? state, TimeSpan now)
    {
        _heldFrom = null;
        if (state is null)
        {
            MustLook = true;
            return;
        }

        Seen = state;
        _seenAt = now;
    }
}
