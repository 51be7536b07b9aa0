using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Tests.Rollout.Trials;

/// <summary>What the gate did in one simulated roll-out that was watched for a time.</summary>
/// <param name="SentBackAfter">Seconds until it was sent back; null: it was not.</param>
/// <param name="ReadyAfter">Seconds until it might have taken over; null: never, or it was sent back before.</param>
/// <param name="LatencyBlocks">Blocks of a bet on latency in the end.</param>
/// <param name="Missed">Share of the new side's requests that missed the SLO.</param>
internal sealed record GateTrial(double? SentBackAfter, double? ReadyAfter, int LatencyBlocks, double Missed)
{
    /// <summary>Watches the replicas for a time, then tries a new one for at most an hour.</summary>
    /// <param name="next">Gives the next block, with the new replica or without.</param>
    /// <param name="rules">What is declared.</param>
    /// <param name="watchedBefore">Seconds for which the old replicas served before.</param>
    /// <param name="watched">Seconds for which the new one is compared with them.</param>
    /// <param name="learns">False: each block is a bet, whatever the old replicas show.</param>
    public static GateTrial Run(Func<bool, MeteredBlock> next, RolloutRules rules, double watchedBefore, double watched = 3600, bool learns = true)
    {
        var variation = new ReplicaVariation(isOneMachine: false);
        for (var at = 0.0; at < watchedBefore; at += DisturbedFleet.BlockSeconds)
        {
            variation.Take(next(false).Old, rules);
        }

        var (evidence, ready) = (RolloutEvidence.None, (double?)null);
        for (var at = DisturbedFleet.BlockSeconds; at <= watched; at += DisturbedFleet.BlockSeconds)
        {
            var block = next(true);
            variation.Take(block.Old, rules);
            evidence = evidence.After(block.Sides, rules, learns ? variation.Reach() : new(BlockReach.Shortest, BlockReach.Shortest));
            if (evidence.Harm() is not null)
            {
                return Of(evidence, at, ready);
            }

            ready ??= evidence.Missing(rules) is null ? at : null;
        }

        return Of(evidence, null, ready);
    }

    private static GateTrial Of(RolloutEvidence evidence, double? sentBack, double? ready) =>
        new(sentBack, ready, evidence.Latency.BlocksPerBet, evidence.Latency.Total.NewBad / Math.Max(1, evidence.Latency.Total.NewCount));
}
