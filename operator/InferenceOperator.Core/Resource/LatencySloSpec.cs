using System.Globalization;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>At least <see cref="Percentile"/> of the requests are answered within <see cref="Target"/>, measured at the server.</summary>
public sealed record LatencySloSpec
{
    /// <summary>Decimal text, at least 50 and below 100; "99" unless given.</summary>
    public string Percentile { get; init; } = "99";

    /// <summary>Above zero, at most 10 minutes.</summary>
    public required Duration Target { get; init; }

    /// <summary>The percentile as a share in [0.5, 1).</summary>
    [JsonIgnore]
    public double Share => (double)(decimal.Parse(Percentile, CultureInfo.InvariantCulture) / 100m);
}
