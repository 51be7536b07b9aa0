namespace InferenceOperator.Cluster.Apply;

/// <summary>What is remembered of a child's last apply.</summary>
/// <param name="Wanted">Digest of the manifest that was sent.</param>
/// <param name="Live">Digest of the live object's values at its fields, as the server answered.</param>
/// <param name="ResourceVersion">The state that was last seen to hold them.</param>
/// <param name="Replaced">The state that the cache showed when it was sent; null: none. While it still shows that, it lags.</param>
/// <param name="At">When it was sent.</param>
/// <param name="Notice">What people should know of it; null: nothing.</param>
internal sealed record AppliedChild(string Wanted, string Live, string ResourceVersion, string? Replaced, DateTimeOffset At, string? Notice)
{
    /// <summary>How long a cache may lag behind a write before what it shows is believed again.</summary>
    public static readonly TimeSpan LagMax = TimeSpan.FromSeconds(10);
}
