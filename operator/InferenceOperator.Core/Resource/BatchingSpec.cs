using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>Bounds within which the operator sets the batch limits, and what it leaves as declared: the queue and the padding. Equal by content.</summary>
public sealed record BatchingSpec
{
    /// <summary>Most rows in one execution, 1 to 4,096.</summary>
    public int MaxSize { get; init; } = 64;

    /// <summary>Longest a request may wait for company while a slot is free; shortened when the SLO leaves less. 0 to 10 s.</summary>
    public Duration MaxDelay { get; init; }

    public QueueSpec Queue { get; init; } = new();

    /// <summary>At most 32 lengths, ascending; null or empty: nothing is padded, and every length runs by itself.</summary>
    public IReadOnlyList<int>? Buckets { get; init; }

    /// <summary>By input that is padded, at most 64: the value that is put behind what a request brings. Given exactly when <see cref="Buckets"/> is.</summary>
    public IReadOnlyDictionary<string, long>? Pad { get; init; }

    /// <summary>Buckets and values together; null: nothing is padded.</summary>
    [JsonIgnore]
    public LengthPadding? Padding => Buckets is { Count: > 0 } buckets && Pad is { Count: > 0 } values ? new(buckets, values) : null;

    /// <inheritdoc/>
    public bool Equals(BatchingSpec? other) =>
        other is not null && MaxSize == other.MaxSize && MaxDelay == other.MaxDelay && Queue == other.Queue && Padding == other.Padding;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MaxSize, MaxDelay, Queue, Padding);
}
