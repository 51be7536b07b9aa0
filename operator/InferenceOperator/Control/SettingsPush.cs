using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Workloads;
using InferenceRuntime.Contract;

namespace InferenceOperator.Control;

/// <summary>Sees to it that every ready replica of one agent has the settings that are wanted, and writes only what differs.</summary>
/// <remarks>Not thread safe; one owner.</remarks>
internal sealed class SettingsPush(ReplicaClient client, TimeProvider time)
{
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Why a replica does not take the settings, when it said that it never will: they do not fit its model, for example. Null: none said so.</summary>
    public string? Refusal => _known.Values.Select(static known => known.Refused?.Reason).FirstOrDefault(static reason => reason is not null);

    /// <summary>Looks at each replica and writes where needed. One that cannot be reached is tried again with backoff.</summary>
    /// <param name="replicas">All replicas that have addresses.</param>
    /// <param name="settings">The settings of each: the sides of a roll-out may take different ones.</param>
    /// <param name="samples">The newest samples: a replica that shows another batch limit than it was given is asked again.</param>
    /// <param name="news">Takes what a person should hear once: replica and failure.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task PushAsync(
        ImmutableArray<ReplicaAccess> replicas,
        Func<ReplicaAccess, RuntimeSettings> settings,
        ImmutableArray<ReplicaSample> samples,
        Action<string, string> news,
        CancellationToken cancellationToken)
    {
        foreach (var gone in _known.Keys.Except(replicas.Select(replica => replica.Incarnation)).ToList())
        {
            _known.Remove(gone);
        }

        Disbelieve(replicas, samples);
        var due = replicas.Where(static replica => replica.Phase is ReplicaPhase.Ready)
            .Select(replica => (Replica: replica, Wanted: settings(replica))).Where(each => IsDue(each.Replica, each.Wanted)).ToList();
        await Task.WhenAll(due.Select(each => PushAsync(each.Replica, each.Wanted, news, cancellationToken))).ConfigureAwait(false);
    }

    private bool IsDue(ReplicaAccess replica, RuntimeSettings wanted)
    {
        if (!_known.TryGetValue(replica.Incarnation, out var known))
        {
            _known[replica.Incarnation] = known = new Known(new RetryGate(time));
        }

        // Other settings than those that were refused are worth a try at once.
        return known.Settings != wanted && (known.Gate.IsOpen || (known.Refused is { } refused && refused.Settings != wanted));
    }

    // Each call touches only its own replica's entry, so that the calls for different replicas may overlap.
    private async Task PushAsync(ReplicaAccess replica, RuntimeSettings wanted, Action<string, string> news, CancellationToken cancellationToken)
    {
        var known = _known[replica.Incarnation];
        try
        {
            known.Settings ??= await client.GetSettingsAsync(replica.Admin, replica.Token, cancellationToken).ConfigureAwait(false);
            if (known.Settings != wanted)
            {
                await client.PutSettingsAsync(replica.Admin, replica.Token, wanted, cancellationToken).ConfigureAwait(false);
                known.Settings = wanted;
            }

            known.At = time.GetUtcNow();
            known.Refused = null;
            known.Gate.Succeed();
        }
        catch (WorkloadException exception)
        {
            known.Settings = null;
            known.Refused = exception.IsRefusal ? (wanted, $"replica {replica.Name} does not take its settings: {exception.Message}") : null;
            if (known.Gate.Fail(exception.Message))
            {
                news(replica.Name, exception.Message);
            }
        }
    }

    // Somebody else may have written: what the replica says of itself counts, once it is newer than our own word.
    private void Disbelieve(ImmutableArray<ReplicaAccess> replicas, ImmutableArray<ReplicaSample> samples)
    {
        foreach (var sample in samples)
        {
            var replica = replicas.FirstOrDefault(each => each.Name == sample.Replica);
            if (replica is not null
                && _known.TryGetValue(replica.Incarnation, out var known)
                && known.Settings is { } settings
                && sample.SampledAt > known.At
                && sample.Counters.BatchSizeMax > 0
                && sample.Counters.BatchSizeMax != settings.Batching.MaxSize)
            {
                known.Settings = null;
            }
        }
    }

    private sealed class Known(RetryGate gate)
    {
        /// <summary>What the replica has; null when it has to be asked.</summary>
        public RuntimeSettings? Settings { get; set; }

        /// <summary>What it will never take, and why; null: it did not say so of what it was last given.</summary>
        public (RuntimeSettings Settings, string Reason)? Refused { get; set; }

        public DateTimeOffset At { get; set; }

        public RetryGate Gate => gate;
    }
}
