using System.Globalization;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Policy;

/// <summary>Whom a policy selects, and what it asks. What is unset is not asked.</summary>
public sealed record PolicySpec
{
    /// <summary>Among several defaults for one field that of the highest precedence holds, then that of the first name. -1000 to 1000. Bounds all hold: the strictest counts.</summary>
    public int Precedence { get; init; }

    /// <summary>Labels of namespaces; null: all namespaces.</summary>
    public LabelSelector? Namespaces { get; init; }

    /// <summary>Labels of agents; null: all agents.</summary>
    public LabelSelector? Agents { get; init; }

    /// <summary>What agents get that declare none.</summary>
    public PolicyDefaults? Defaults { get; init; }

    /// <summary>The SLO that has to be declared.</summary>
    public PolicySlo? Slo { get; init; }

    /// <summary>The most that one agent may take.</summary>
    public PolicyCeilings? Ceilings { get; init; }

    /// <summary>What agents may name.</summary>
    public PolicyAllowed? Allowed { get; init; }

    /// <summary>Decimal text, 0 to 1: variants below it answer nothing. Null: not asked.</summary>
    public string? MinAccuracy { get; init; }

    /// <summary>Bounds of <c>slo.priority</c>.</summary>
    public PolicyPriority? Priority { get; init; }

    /// <summary><see cref="MinAccuracy"/> as a number; null: not asked.</summary>
    [JsonIgnore]
    public decimal? AccuracyFloor => MinAccuracy is null ? null : decimal.Parse(MinAccuracy, CultureInfo.InvariantCulture);
}
