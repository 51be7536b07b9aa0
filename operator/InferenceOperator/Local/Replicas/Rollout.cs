using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Local.Replicas;

/// <summary>Decides which replicas to start and which to drain, so that requests are answered all the way.</summary>
/// <remarks>Pure. Asked again after every change of a replica, it ends with exactly the wanted replicas of the wanted sides.</remarks>
internal static class Rollout
{
    /// <summary>The side of a replica that was started with what no side wants.</summary>
    public const int Former = -1;

    /// <summary>One replica as the decision sees it.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Side">Index of the side that it was started for, or <see cref="Former"/>.</param>
    /// <param name="Phase">Where it stands.</param>
    public readonly record struct Member(string Name, int Side, ReplicaPhase Phase);

    /// <summary>What to do.</summary>
    /// <param name="Start">How many replicas of each side to start.</param>
    /// <param name="Drain">Which replicas to drain.</param>
    public readonly record struct Moves(ImmutableArray<int> Start, ImmutableArray<string> Drain);

    /// <param name="members">All replicas, oldest first; draining ones no longer count.</param>
    /// <param name="wanted">Replicas wanted of each side, at least 0.</param>
    public static Moves Next(IReadOnlyList<Member> members, params IReadOnlyList<int> wanted)
    {
        var live = members.Where(member => member.Phase is not ReplicaPhase.Draining).ToList();
        var start = ImmutableArray.CreateBuilder<int>(wanted.Count);
        var drain = ImmutableArray.CreateBuilder<string>();
        var (all, ready) = (0, 0);
        for (var side = 0; side < wanted.Count; side++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(wanted[side], nameof(wanted));
            var current = live.Where(member => member.Side == side).ToList();
            start.Add(Math.Max(0, wanted[side] - current.Count));
            (all, ready) = (all + wanted[side], ready + current.Count(member => member.Phase is ReplicaPhase.Ready));

            // Those that answer are kept first, among them the oldest.
            drain.AddRange(current.OrderBy(Rank).Skip(wanted[side]).Select(static member => member.Name));
        }

        // A former replica goes when a new one answers in its place; those that do not answer go at once.
        var former = live.Where(static member => member.Side == Former).ToList();
        var cover = Math.Max(0, all - ready);
        var covered = former.Where(member => member.Phase is ReplicaPhase.Ready).Skip(cover)
            .Concat(former.Where(member => member.Phase is not ReplicaPhase.Ready && (cover == 0 || former.Exists(static other => other.Phase is ReplicaPhase.Ready))));
        drain.AddRange(covered.Select(static member => member.Name));
        return new Moves(start.ToImmutable(), drain.ToImmutable());
    }

    private static int Rank(Member member) => member.Phase switch
    {
        ReplicaPhase.Ready => 0,
        ReplicaPhase.Starting => 1,
        _ => 2,
    };
}
