using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>How many replicas may come or go at once: a number, or a share of those that serve (<c>50%</c>), as Kubernetes writes both.</summary>
/// <param name="Amount">Replicas or percent, at least 1.</param>
/// <param name="IsPercent">True: percent.</param>
[JsonConverter(typeof(StepLimitJson))]
public readonly record struct StepLimit(int Amount, bool IsPercent)
{
    public const int ReplicasMax = 1000;
    public const int PercentMax = 1000;

    /// <summary>Replicas of so many, rounded up, at least one.</summary>
    public int Of(int replicas) => IsPercent ? (int)Math.Max(1, Math.Ceiling(replicas * (Amount / 100.0))) : Amount;

    /// <summary>Reads <c>4</c> or <c>50%</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out StepLimit limit)
    {
        var isPercent = text?.EndsWith('%') == true;
        var digits = isPercent ? text![..^1] : text; // Not null where it ends with a sign.
        limit = new(int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? amount : 0, isPercent);
        return limit.Amount >= 1 && limit.Amount <= (isPercent ? PercentMax : ReplicasMax);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Amount}{(IsPercent ? "%" : "")}");
}
