using System.Globalization;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>Requests that old replicas answer and the new one answers as well, to be compared.</summary>
public sealed record ShadowSpec
{
    /// <summary>Requests that the new replica gets besides its own, in percent of what one old replica answers, 1 to 100.</summary>
    public int Percent { get; init; } = 10;

    /// <summary>Share of rows on which both have to agree, decimal text below 1.</summary>
    public string MinAgreement { get; init; } = "0.98";

    /// <inheritdoc cref="MinAgreement"/>
    [JsonIgnore]
    public double MinAgreementShare => double.Parse(MinAgreement, CultureInfo.InvariantCulture);
}
