namespace InferenceOperator.Testing.Simulated;

/// <summary>Removes what belongs to objects that are gone, some time after they went, as the cluster's own does.</summary>
public sealed class GarbageCollector
{
    private const string Manager = "garbage-collector";

    private readonly SimulatedApi _api;
    private readonly Func<TimeSpan> _pause;
    private readonly ITimer _timer;
    private int _armed;

    /// <param name="api">The objects.</param>
    /// <param name="pause">How long it takes to see something.</param>
    /// <param name="time">The clock.</param>
    public GarbageCollector(SimulatedApi api, Func<TimeSpan> pause, TimeProvider time)
    {
        (_api, _pause) = (api, pause);
        _timer = time.CreateTimer(_ => Collect(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Hears that something was written.</summary>
    public void Look()
    {
        if (Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(_pause(), Timeout.InfiniteTimeSpan);
        }
    }

    private void Collect()
    {
        Volatile.Write(ref _armed, 0);
        var all = _api.All();
        var alive = all.ToDictionary(static found => found.Uid, StringComparer.Ordinal);
        foreach (var found in all)
        {
            if (found.OwnerUids.Any() && !found.IsEnding && found.OwnerUids.All(uid => !alive.TryGetValue(uid, out var owner) || WaitsForItsOwn(owner)))
            {
                _api.Delete(found.Key, Manager, uid: found.Uid);
            }
            else if (WaitsForItsOwn(found) && !all.Any(other => other.OwnerUids.Contains(found.Uid, StringComparer.Ordinal)))
            {
                _api.Release(found.Key, SimulatedApi.Foreground, Manager);
            }
        }
    }

    private static bool WaitsForItsOwn(StoredObject found) =>
        found.IsEnding && found.Metadata["finalizers"] is System.Text.Json.Nodes.JsonArray finalizers && finalizers.Any(static f => (string?)f == SimulatedApi.Foreground);
}
