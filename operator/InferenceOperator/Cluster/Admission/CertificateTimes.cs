namespace InferenceOperator.Cluster.Admission;

/// <summary>How long certificates live and when they are renewed.</summary>
internal static class CertificateTimes
{
    /// <summary>Life of an authority.</summary>
    public static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(365);

    /// <summary>An authority with less left than this gets a successor beside it.</summary>
    public static readonly TimeSpan AuthorityLeast = TimeSpan.FromDays(120);

    /// <summary>Life of a serving certificate.</summary>
    public static readonly TimeSpan ServingLife = TimeSpan.FromDays(30);

    /// <summary>A serving certificate with less left than this is renewed. Longer than <see cref="Overlap"/> by far: nothing hurries.</summary>
    public static readonly TimeSpan ServingLeast = TimeSpan.FromDays(10);

    /// <summary>An authority is so old before it signs what is served: by then every API server trusts it.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    /// <summary>Certificates begin so long before they are made, for API servers whose clocks go behind.</summary>
    public static readonly TimeSpan Backdate = TimeSpan.FromHours(1);
}
