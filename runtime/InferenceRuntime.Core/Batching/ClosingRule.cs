namespace InferenceRuntime.Core.Batching;

/// <summary>When batches close and which goes first; the rule is stated at <see cref="BatchQueue"/>. Reads what the queue holds and changes nothing.</summary>
internal sealed class ClosingRule(WaitingLine line, ShapeGroups groups, DeadlineHeap deadlines, ServiceTimes serviceTimes, RowLimits rowLimits)
{
    /// <summary>The group whose batch closes now; null when all wait for company. Something waits.</summary>
    /// <param name="now">The present timestamp.</param>
    /// <param name="limits">The limits in force.</param>
    /// <param name="isDraining">True when nobody waits for company any more.</param>
    /// <param name="wakeAt">Without a group: when the first may close.</param>
    /// <param name="oldestMayClose">True when the group of the oldest request of all may close too.</param>
    public ShapeGroup? ClosableGroup(long now, BatchPolicy limits, bool isDraining, out long wakeAt, out bool oldestMayClose)
    {
        wakeAt = long.MaxValue;
        if (isDraining || limits.DelayMax == 0)
        {
            oldestMayClose = true;
            return line.First!.Group; // The caller found the queue not empty.
        }

        oldestMayClose = false;
        var oldest = line.Oldest!; // As above.
        ShapeGroup? chosen = null;
        foreach (var group in groups.InUse)
        {
            var closesAt = ClosesAt(group, now, limits);
            if (closesAt > now)
            {
                wakeAt = Math.Min(wakeAt, closesAt);
                continue;
            }

            oldestMayClose |= group == oldest.Group;
            if (chosen is null || GoesFirst(group.First!, chosen.First!))
            {
                chosen = group;
            }
        }

        return chosen;
    }

    /// <summary>Most rows of a batch of this group.</summary>
    public int RowsMax(ShapeGroup group, BatchPolicy limits) => rowLimits.For(group.Key, limits.RowsMax);

    private static bool GoesFirst(WaitingRequest request, WaitingRequest other) =>
        request.Level != other.Level ? request.Level < other.Level : request.Sequence < other.Sequence;

    private long ClosesAt(ShapeGroup group, long now, BatchPolicy limits)
    {
        if (group.Rows >= RowsMax(group, limits))
        {
            return now;
        }

        var closesAt = group.Oldest!.AcceptedAt + limits.DelayMax; // Groups in use have members.
        return deadlines.Earliest is { } urgent && urgent.Group == group
            ? Math.Min(closesAt, urgent.DeadlineAt - serviceTimes.For(group.Key, group.Rows))
            : closesAt;
    }
}
