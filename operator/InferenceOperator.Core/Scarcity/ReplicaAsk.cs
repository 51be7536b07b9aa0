using System.Collections.Immutable;

namespace InferenceOperator.Core.Scarcity;

/// <summary>What one agent would run, and what each replica is worth to it.</summary>
public sealed record ReplicaAsk
{
    /// <summary>Most replicas of one ask; the manifest allows no more.</summary>
    public const int ReplicasMax = 1000;

    /// <summary><c>namespace/name</c>.</summary>
    public required string Agent { get; init; }

    public required string Namespace { get; init; }

    /// <summary>Higher goes first.</summary>
    public int Priority { get; init; }

    /// <summary>What a replica takes.</summary>
    public required string Resource { get; init; }

    /// <summary>GPUs of <see cref="Resource"/> per replica; 0: none, and every wish is granted.</summary>
    public required int GpusPerReplica { get; init; }

    /// <summary>Replicas that it keeps whatever others want, as long as the minima of all fit.</summary>
    public required int MinReplicas { get; init; }

    /// <summary>Replicas that it was last given.</summary>
    public required int Held { get; init; }

    /// <summary>Replicas that its own plan comes to, 0 to <see cref="ReplicasMax"/>.</summary>
    public required int Wanted { get; init; }

    /// <summary>
    /// Predicted utility with 0, 1, … <see cref="Wanted"/> replicas, in [0, 1], never falling. Empty: traffic is not known, and each
    /// replica that it holds counts as a whole utility, so that none goes to an agent of equal priority.
    /// </summary>
    public ImmutableArray<double> Utility { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>True: <see cref="Wanted"/> is somebody else's decision. It is set aside before anything is divided.</summary>
    public bool IsFixed { get; init; }

    /// <summary>Utility that the last of so many replicas adds.</summary>
    /// <param name="replicas">1 to <see cref="Wanted"/>.</param>
    internal double Gain(int replicas) => Utility.IsEmpty ? (replicas <= Held ? 1 : 0) : Utility[replicas] - Utility[replicas - 1];

    public bool Equals(ReplicaAsk? other) =>
        other is not null && Agent == other.Agent && Namespace == other.Namespace && Priority == other.Priority && Resource == other.Resource
        && GpusPerReplica == other.GpusPerReplica && MinReplicas == other.MinReplicas && Held == other.Held && Wanted == other.Wanted
        && IsFixed == other.IsFixed && Utility.SequenceEqual(other.Utility);

    public override int GetHashCode() => HashCode.Combine(Agent, Priority, Resource, Held, Wanted);
}
