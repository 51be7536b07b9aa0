namespace InferenceRuntime.Contract;

/// <summary>The cache of responses in front of the model.</summary>
public sealed record CacheSettings
{
    /// <summary>Smallest legal <see cref="MaxBytes"/>.</summary>
    public const long MaxBytesLeast = 64 << 10;

    /// <summary>Largest legal <see cref="MaxBytes"/>.</summary>
    public const long MaxBytesLimit = 1L << 40;

    /// <summary>Largest legal <see cref="TtlMs"/>: 30 days.</summary>
    public const double TtlMsLimit = 30d * 24 * 3600 * 1000;

    /// <summary>What is given up when the cache is full. Default None: no cache.</summary>
    public CachePolicy Policy { get; set; }

    /// <summary>Memory of keys, values and bookkeeping together, 64 KiB to 1 TiB. Default 64 MiB.</summary>
    public long MaxBytes { get; set; } = 64L << 20;

    /// <summary>Age at which a response is no longer given, milliseconds, 0 to 30 days. Default 0: no limit.</summary>
    public double TtlMs { get; set; }

    internal IEnumerable<string> Validate()
    {
        if (!Enum.IsDefined(Policy))
        {
            yield return $"cache.policy: {(int)Policy} is not one of {string.Join(", ", Enum.GetNames<CachePolicy>())}";
        }

        if (MaxBytes is < MaxBytesLeast or > MaxBytesLimit)
        {
            yield return $"cache.maxBytes: {MaxBytes} is not between {MaxBytesLeast} and {MaxBytesLimit}";
        }

        if (TtlMs is not (>= 0 and <= TtlMsLimit))
        {
            yield return $"cache.ttlMs: {TtlMs} is not between 0 and {TtlMsLimit}";
        }
    }
}
