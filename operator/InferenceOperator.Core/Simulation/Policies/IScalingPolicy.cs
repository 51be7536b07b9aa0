using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>One way of scaling, ours or a peer's: sees what its original would see, at the pace at which it would look. One owner, one story.</summary>
public interface IScalingPolicy
{
    /// <summary>Time between two decisions, seconds, above 0.</summary>
    double PeriodSeconds { get; }

    /// <summary>Scrape interval of its own collector, seconds; null: the metrics plane's.</summary>
    double? ScrapeSeconds => null;

    /// <summary>True: it reads single replicas' counters and histograms.</summary>
    bool ReadsReplicas => false;

    /// <summary>True: its replicas are ready at once. Only bounds may.</summary>
    bool StartsAtOnce => false;

    /// <summary>The batch rule of a new replica process; null: the batch limit holds.</summary>
    IBatchRule? NewBatchRule() => null;

    /// <summary>Decides.</summary>
    ScalingDecision Decide(PolicyView view);
}
