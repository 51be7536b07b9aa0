namespace InferenceOperator.Core.Resource;

/// <summary>The cache of responses in each replica.</summary>
public sealed record CacheSpec
{
    public CachePolicy Policy { get; init; }

    /// <summary>Memory of keys, values and bookkeeping in each replica: a quantity in Ki, Mi or Gi.</summary>
    public string Size { get; init; } = "64Mi";

    /// <summary>Age at which a response is no longer given; 0: no limit.</summary>
    public Duration Ttl { get; init; }
}
