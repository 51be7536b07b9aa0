namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>
/// Ray Serve's autoscaler with its defaults: requests held per replica over 30 s against a target of 2, reported every 10 s; up when that has
/// been so for 30 s, down after 600 s.
/// </summary>
/// <param name="targetOngoing">Requests that a replica should hold.</param>
public sealed class RayServeScaler(double targetOngoing) : IScalingPolicy
{
    /// <summary>Default target since Ray 2.32.</summary>
    public const double DefaultOngoing = 2;

    private const double LookBack = 30;
    private const double UpDelay = 30;
    private const double DownDelay = 600;

    private double? _upSince;
    private double? _downSince;

    public double PeriodSeconds => 1;

    public double? ScrapeSeconds => 10;

    public ScalingDecision Decide(PolicyView view)
    {
        if (view.Metrics.Over(LookBack, view.Now) is not { } window || view.Ready == 0)
        {
            return new(view.Wanted);
        }

        var desired = Math.Clamp((int)Math.Ceiling(window.Concurrency / targetOngoing), view.Min, view.Max);
        _upSince = desired > view.Wanted ? _upSince ?? view.Now : null;
        _downSince = desired < view.Wanted ? _downSince ?? view.Now : null;
        if (view.Now - _upSince <= UpDelay || view.Now - _downSince <= DownDelay || desired == view.Wanted)
        {
            return new(view.Wanted);
        }

        (_upSince, _downSince) = (null, null);
        return new(desired);
    }
}
