namespace InferenceRuntime.Contract;

/// <summary>
/// Lengths that one input of variable length is padded to, so that requests of different lengths run together. Declare it only for a
/// model whose answer does not depend on what is padded (one that masks it).
/// </summary>
public sealed record PaddingSettings
{
    /// <summary>Most inputs that can be padded.</summary>
    public const int InputsMax = 64;

    /// <summary>Most <see cref="Buckets"/>.</summary>
    public const int BucketsMax = 32;

    /// <summary>Largest legal length.</summary>
    public const int LengthMax = 1 << 24;

    /// <summary>The axis whose length varies, 1 to 31; axis 0 is the batch. Default 1.</summary>
    public int Axis { get; set; } = 1;

    /// <summary>1 to 32 lengths, ascending, each 1 to 16,777,216. A longer request runs at its own length.</summary>
    public IReadOnlyList<int> Buckets { get; set; } = [];

    /// <summary>What is padded, in the input's element type. Default 0.</summary>
    public double Value { get; set; }

    /// <inheritdoc/>
    public bool Equals(PaddingSettings? other) =>
        other is not null && Axis == other.Axis && Value.Equals(other.Value) && Buckets.SequenceEqual(other.Buckets);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Axis, Value, Buckets.Count);

    internal IEnumerable<string> Validate(string field)
    {
        if (Axis is < 1 or > 31)
        {
            yield return $"{field}.axis: {Axis} is not between 1 and 31";
        }

        if (Buckets.Count is < 1 or > BucketsMax)
        {
            yield return $"{field}.buckets: {Buckets.Count} lengths, not 1 to {BucketsMax}";
        }

        for (var i = 0; i < Buckets.Count; i++)
        {
            if (Buckets[i] is < 1 or > LengthMax || (i > 0 && Buckets[i] <= Buckets[i - 1]))
            {
                yield return $"{field}.buckets: {Buckets[i]} is not above the one before it and between 1 and {LengthMax}";
                break;
            }
        }

        if (!double.IsFinite(Value))
        {
            yield return $"{field}.value: {Value} is not a number";
        }
    }
}
