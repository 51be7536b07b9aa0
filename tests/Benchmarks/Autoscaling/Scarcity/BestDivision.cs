using System.Collections.Immutable;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>Of all divisions of a pool the one with the most utility, by dynamic programming. No division loses less.</summary>
internal static class BestDivision
{
    /// <summary>Replicas of each agent.</summary>
    /// <param name="gpus">GPUs of the pool, one a replica; at least one for each agent.</param>
    /// <param name="utilities">Of each agent, with 0, 1, … replicas; at least with one.</param>
    public static int[] Of(int gpus, IReadOnlyList<ImmutableArray<double>> utilities)
    {
        // Most utility of the agents so far on so many GPUs, and what the last of them has then.
        var best = new double[gpus + 1];
        var given = new int[utilities.Count, gpus + 1];
        for (var i = 0; i < utilities.Count; i++)
        {
            var next = new double[gpus + 1];
            Array.Fill(next, double.NegativeInfinity);
            for (var pool = 1; pool <= gpus; pool++)
            {
                for (var replicas = 1; replicas < utilities[i].Length && replicas <= pool; replicas++)
                {
                    if (best[pool - replicas] + utilities[i][replicas] is var sum && sum > next[pool])
                    {
                        (next[pool], given[i, pool]) = (sum, replicas);
                    }
                }
            }

            best = next;
        }

        var division = new int[utilities.Count];
        var left = gpus;
        for (var i = utilities.Count - 1; i >= 0; i--)
        {
            division[i] = given[i, left];
            left -= division[i];
        }

        return division;
    }
}
