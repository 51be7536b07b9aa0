using System.Globalization;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>The precision the model is served at, and what accuracy is asked of a variant that answers in its place.</summary>
public sealed record QuantizationSpec
{
    public QuantizationLevel Level { get; init; }

    /// <summary>Decimal text, 0 to 1, relative to the model itself: variants below it answer nothing. Null: no floor.</summary>
    public string? MinAccuracy { get; init; }

    /// <summary>Decimal text, at least 0: what an hour without any accuracy would cost, in the unit of the prices of GPUs. A variant costs its part of it.</summary>
    public string AccuracyPrice { get; init; } = "0";

    /// <summary><see cref="MinAccuracy"/> as a number; null: no floor.</summary>
    [JsonIgnore]
    public double? AccuracyFloor => MinAccuracy is null ? null : double.Parse(MinAccuracy, CultureInfo.InvariantCulture);

    /// <summary><see cref="AccuracyPrice"/> as a number.</summary>
    [JsonIgnore]
    public double AccuracyPricePerHour => double.Parse(AccuracyPrice, CultureInfo.InvariantCulture);
}
