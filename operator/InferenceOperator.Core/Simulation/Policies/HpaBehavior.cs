namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>
/// The default behaviour rules of the HPA v2: up at once, by at most the larger of 4 replicas and 100 % in 15 s; down to the most that was
/// recommended in 300 s, by at most 100 % in 15 s. One owner.
/// </summary>
public sealed class HpaBehavior
{
    /// <summary>Look-back for going down, seconds.</summary>
    public const double DownWindow = 300;

    private const double Period = 15;
    private const int UpPods = 4;

    private readonly Queue<(double At, int Replicas)> _recommendations = new();
    private readonly Queue<(double At, int Change)> _changes = new();

    /// <summary>What the scale target is told.</summary>
    /// <param name="recommended">Desired replicas of the metrics.</param>
    /// <param name="current">Replicas that it asks for now.</param>
    /// <param name="now">Seconds, not before the last call's.</param>
    public int Apply(int recommended, int current, double now)
    {
        _recommendations.Enqueue((now, recommended));
        while (_recommendations.Peek().At < now - DownWindow)
        {
            _recommendations.Dequeue();
        }

        while (_changes.TryPeek(out var oldest) && oldest.At <= now - Period)
        {
            _changes.Dequeue();
        }

        var stabilized = recommended > current ? recommended : Math.Min(current, _recommendations.Max(static r => r.Replicas));
        var atPeriodStart = current - _changes.Sum(static c => c.Change);
        var upLimit = Math.Max(current, Math.Max(atPeriodStart + UpPods, 2 * atPeriodStart));
        var applied = Math.Min(stabilized, upLimit);
        if (applied != current)
        {
            _changes.Enqueue((now, applied - current));
        }

        return applied;
    }
}
