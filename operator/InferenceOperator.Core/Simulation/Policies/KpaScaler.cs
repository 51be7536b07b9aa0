namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>
/// The decision of Knative's pod autoscaler: a stable and a panic window, rate limits of 2 down and 1,000 up per tick. Source:
/// <c>pkg/autoscaler/scaling/autoscaler.go</c> of knative/serving. One owner.
/// </summary>
/// <param name="target">Of one replica, above 0: already times the target utilisation of 70 %.</param>
/// <param name="startsInPanic">True: more than one replica ran when it began.</param>
public sealed class KpaScaler(double target, bool startsInPanic)
{
    public const double StableWindow = 60;
    public const double PanicWindow = 6;

    private const double PanicThreshold = 2;
    private const double MaxUpRate = 1000;
    private const double MaxDownRate = 2;

    private double? _panicSince = startsInPanic ? 0 : null;
    private int _panicReplicas;

    public bool IsPanicking => _panicSince is not null;

    /// <param name="stable">Mean of the stable window, all replicas.</param>
    /// <param name="panic">Mean of the panic window, all replicas.</param>
    /// <param name="ready">Ready replicas; at least 1 is taken.</param>
    /// <param name="now">Seconds, not before the last call's.</param>
    public int Scale(double stable, double panic, int ready, double now)
    {
        var pods = Math.Max(1, ready);
        var (most, least) = (Math.Ceiling(MaxUpRate * pods), Math.Floor(pods / MaxDownRate));
        var (byStable, byPanic) = (Math.Ceiling(stable / target), Math.Ceiling(panic / target));
        var isOver = byPanic / pods >= PanicThreshold;
        var desired = (int)Math.Clamp(byStable, least, most);
        var urgent = (int)Math.Clamp(byPanic, least, most);
        if (isOver)
        {
            _panicReplicas = IsPanicking ? _panicReplicas : 0;
            _panicSince = now;
        }
        else if (_panicSince is { } since && now - since > StableWindow)
        {
            _panicSince = null;
            _panicReplicas = 0;
        }

        if (!IsPanicking)
        {
            return desired;
        }

        _panicReplicas = Math.Max(_panicReplicas, Math.Max(desired, urgent));
        return _panicReplicas;
    }
}
