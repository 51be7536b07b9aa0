using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Report;

/// <summary>One promise and what was measured for it.</summary>
/// <param name="Name">What is promised.</param>
/// <param name="Target">The bar, as text with its unit and direction.</param>
/// <param name="Measured">The figure, as text with the same unit.</param>
/// <param name="Holds">Whether it holds.</param>
internal sealed record Bar(string Name, string Target, string Measured, Verdict Holds)
{
    /// <summary>A ratio that has to reach a least value.</summary>
    public static Bar AtLeast(string name, double target, double measured) =>
        new(name, Invariant($">= {target:0.##}"), Invariant($"{measured:0.000}"), Verdict.Of(measured >= target));

    /// <summary>A figure that must not pass a most value.</summary>
    public static Bar AtMost(string name, double target, double measured, string unit = "") =>
        new(name, Invariant($"<= {target:0.##}{unit}"), Invariant($"{measured:0.000}{unit}"), Verdict.Of(measured <= target));

    /// <summary>The same figure, which says nothing for this reason.</summary>
    public Bar But(string reason) => this with { Holds = new Verdict.NotMeasurable(reason) };
}
