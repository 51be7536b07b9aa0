namespace InferenceOperator.Kubernetes.Leases;

/// <summary>Which Leases a replica contends for, and as whom.</summary>
public sealed record LeaseOptions
{
    /// <summary>Namespace of the Leases.</summary>
    public required string Namespace { get; init; }

    /// <summary>Their common name; replicas that divide one piece of work among them have the same.</summary>
    public required string Group { get; init; }

    /// <summary>
    /// Who this is. No other process may ever have the same, nor this one after a restart: a former life may still be at work somewhere.
    /// </summary>
    public required string Identity { get; init; }

    /// <summary>Into how many shards the work is divided, from 1 to 64. Default 1: one replica works, the others stand by.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>How long Leases are good.</summary>
    public LeaseTiming Timing { get; init; } = new();

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Namespace);
        ArgumentException.ThrowIfNullOrEmpty(Group);
        ArgumentException.ThrowIfNullOrEmpty(Identity);
        ArgumentOutOfRangeException.ThrowIfLessThan(Shards, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Shards, ShardsMax);
        Timing.Validate();
    }

    /// <summary>Most shards: each costs a renewal every round.</summary>
    public const int ShardsMax = 64;
}
