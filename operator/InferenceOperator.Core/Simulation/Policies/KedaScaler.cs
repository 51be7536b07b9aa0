namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>
/// KEDA: an HPA on the total of an external metric. Its own part is zero replicas (polled every 30 s, to zero after 300 s without activity,
/// only where no replica is the least) and the fallback after failed polls.
/// </summary>
/// <param name="perReplica">Requests per second of one replica.</param>
/// <param name="fallbackReplicas">Replicas after <see cref="FailureThreshold"/> failed polls; null: no fallback is configured.</param>
public sealed class KedaScaler(double perReplica, int? fallbackReplicas = null) : IScalingPolicy
{
    /// <summary>Failed polls in a row until the fallback.</summary>
    public const int FailureThreshold = 3;

    private const double Polling = 30;
    private const double Cooldown = 300;

    private readonly HorizontalPodAutoscaler _hpa = new(new HpaTarget.TotalRate(perReplica));
    private double _nextPoll;
    private double _activeAt;
    private int _failures;

    public double PeriodSeconds => _hpa.PeriodSeconds;

    public ScalingDecision Decide(PolicyView view)
    {
        var window = view.Metrics.Over(60, view.Now);
        _activeAt = window is { Rate: > 0 } ? view.Now : _activeAt;
        if (view.Now >= _nextPoll)
        {
            _nextPoll = view.Now + Polling;
            _failures = window is null ? _failures + 1 : 0;
        }

        return _failures >= FailureThreshold && fallbackReplicas is { } replicas ? new(replicas)
            : view.Min == 0 && window is not null && view.Now - _activeAt >= Cooldown ? new(0)
            : view.Wanted == 0 ? new(window is { Rate: > 0 } ? 1 : 0)
            : _hpa.Decide(view with { Min = Math.Max(1, view.Min) });
    }
}
