using System.Collections.Immutable;

namespace InferenceOperator.Core.Scarcity;

/// <summary>What each further replica adds to an agent's utility, made concave, with the holder's advantage.</summary>
/// <remarks>
/// Latency under overload gives utilities that rise slowly and then steeply near the replica that is enough. Replica by replica such an
/// agent would never be worth beginning; so each replica counts with the best mean gain from it on to any later one (the upper hull).
/// A replica that is held counts for more than it adds, so that moving it to another agent has to gain at least <see cref="MoveShare"/>
/// more than it loses, and <see cref="MoveLeast"/>: it takes a start-up in which neither serves with it.
/// </remarks>
internal static class ConcaveGains
{
    /// <summary>By which share the gain of a move has to exceed its loss.</summary>
    public const double MoveShare = 0.25;

    /// <summary>By which utility it has to at least.</summary>
    public const double MoveLeast = 0.005;

    /// <summary>The gains of the replicas after <paramref name="from"/> up to <paramref name="to"/>; never rising.</summary>
    public static ImmutableArray<double> Of(ReplicaAsk ask, int from, int to)
    {
        // Corners of the hull so far: replicas up to it, and the mean gain of each since the corner before.
        var corners = new Stack<(int Length, double Gain)>();
        for (var replica = from + 1; replica <= to; replica++)
        {
            var gain = ask.Gain(replica);
            (int Length, double Gain) corner = (1, replica <= ask.Held ? gain + Math.Max(MoveShare * gain, MoveLeast) : gain);
            while (corners.TryPeek(out var before) && before.Gain < corner.Gain)
            {
                corners.Pop();
                var length = before.Length + corner.Length;
                corner = (length, ((before.Gain * before.Length) + (corner.Gain * corner.Length)) / length);
            }

            corners.Push(corner);
        }

        return [.. corners.Reverse().SelectMany(static c => Enumerable.Repeat(c.Gain, c.Length))];
    }
}
