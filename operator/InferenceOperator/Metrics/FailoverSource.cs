using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Metrics;

/// <summary>Asks the first source, and the second when the first fails, lacks a replica, is behind, or lies in the future.</summary>
/// <remarks>
/// Samples of both may stand in one reading: each has its own time, the control loop brings them onto one clock and takes differences between
/// times, so that going over and back makes no jump. A first source that is down is asked again with a growing pause, so that its time
/// limit does not slow every step. Thread safe.
/// </remarks>
/// <param name="first">Prometheus.</param>
/// <param name="second">The replicas themselves.</param>
/// <param name="time">The clock.</param>
internal sealed class FailoverSource(IMetricSource first, IMetricSource second, TimeProvider time) : IMetricSource
{
    /// <summary>First pause after a failure; it doubles up to <see cref="PauseMax"/>.</summary>
    public static readonly TimeSpan PauseFirst = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="PauseFirst"/>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private (long Since, TimeSpan Wait)? _closed;
    private TimeSpan _pause = PauseFirst;
    private string _lastFailure = "";

    /// <summary>The slower source's: a sample counts as stale by the clock of the one it may come from.</summary>
    public TimeSpan Interval => first.Interval > second.Interval ? first.Interval : second.Interval;

    public async ValueTask<MetricReading> ReadAsync(
        InferenceAgent agent, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken)
    {
        var reading = await AskFirstAsync(agent, replicas, cancellationToken).ConfigureAwait(false);
        if (reading.Failure is null && IsFresh(reading, replicas))
        {
            return reading;
        }

        var direct = await second.ReadAsync(agent, replicas, cancellationToken).ConfigureAwait(false);
        var failure = direct.Failure is null ? null : $"{reading.Failure ?? "Prometheus is behind, or its clock is ahead"}; {direct.Failure}";
        return new MetricReading([.. reading.Samples, .. direct.Samples], failure);
    }

    private async ValueTask<MetricReading> AskFirstAsync(InferenceAgent agent, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_closed is { } closed && time.GetElapsedTime(closed.Since) < closed.Wait)
            {
                return new MetricReading([], _lastFailure);
            }
        }

        var reading = await first.ReadAsync(agent, replicas, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            // Without any sample it is the source that fails, not a replica that is new.
            if (reading is { Failure: { } failure, Samples.IsEmpty: true } && replicas.Any(static r => r.Phase is ReplicaPhase.Ready))
            {
                _lastFailure = failure;
                _closed = (time.GetTimestamp(), _pause);
                _pause = _pause * 2 < PauseMax ? _pause * 2 : PauseMax;
            }
            else if (reading.Failure is null)
            {
                _pause = PauseFirst;
            }
        }

        return reading;
    }

    private bool IsFresh(MetricReading reading, ImmutableArray<ReplicaAccess> replicas)
    {
        var now = time.GetUtcNow();
        var newest = reading.Samples.GroupBy(static s => s.Replica, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.Max(static s => s.SampledAt), StringComparer.Ordinal);
        return replicas.All(replica =>
            replica.Phase is not ReplicaPhase.Ready
            || (newest.TryGetValue(replica.Name, out var at) && now - at <= first.Interval * 2 && at - now <= CounterHistory.ClockSkewMax));
    }
}
