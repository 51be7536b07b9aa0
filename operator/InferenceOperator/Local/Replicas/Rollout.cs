using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Local.Replicas;

/// <summary>Decides which replicas to start and which to drain, so that requests are answered all the way.</summary>
/// <remarks>Pure. Asked again after every change of a replica, it ends with exactly the wanted replicas of the wanted launch.</remarks>
internal static class Rollout
{
    /// <summary>One replica as the decision sees it.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="IsWanted">True when it was started with the launch that is wanted now.</param>
    /// <param name="Phase">Where it stands.</param>
    public readonly record struct Member(string Name, bool IsWanted, ReplicaPhase Phase);

    /// <summary>What to do.</summary>
    /// <param name="Start">How many replicas of the wanted launch to start.</param>
    /// <param name="Drain">Which replicas to drain.</param>
    public readonly record struct Moves(int Start, ImmutableArray<string> Drain);

    /// <param name="members">All replicas, oldest first; draining ones no longer count.</param>
    /// <param name="wanted">Replicas wanted, at least 0.</param>
    public static Moves Next(IReadOnlyList<Member> members, int wanted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(wanted);
        var live = members.Where(member => member.Phase is not ReplicaPhase.Draining).ToList();
        var current = live.Where(member => member.IsWanted).ToList();
        var former = live.Where(member => !member.IsWanted).ToList();

        // Those that answer are kept first, among them the oldest.
        var surplus = current.OrderBy(Rank).Skip(wanted);

        // A former replica goes when a new one answers in its place; those that do not answer go at once.
        var ready = current.Count(member => member.Phase is ReplicaPhase.Ready);
        var cover = Math.Max(0, wanted - ready);
        var covered = former.Where(member => member.Phase is ReplicaPhase.Ready).Skip(cover)
            .Concat(former.Where(member => member.Phase is not ReplicaPhase.Ready && (cover == 0 || former.Any(other => other.Phase is ReplicaPhase.Ready))));

        return new Moves(Math.Max(0, wanted - current.Count), [.. surplus.Concat(covered).Select(member => member.Name)]);
    }

    private static int Rank(Member member) => member.Phase switch
    {
        ReplicaPhase.Ready => 0,
        ReplicaPhase.Starting => 1,
        _ => 2,
    };
}
