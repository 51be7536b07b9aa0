namespace InferenceOperator.Benchmarks.Report;

/// <summary>One promise and what was measured for it.</summary>
/// <param name="Name">What is promised.</param>
/// <param name="Target">The bar, as text with its unit and direction.</param>
/// <param name="Measured">The figure, as text with the same unit.</param>
/// <param name="Holds"><c>yes</c>, <c>no</c>, or <c>full-only</c> where a quick run cannot show it.</param>
internal sealed record Bar(string Name, string Target, string Measured, string Holds)
{
    /// <summary>A ratio that has to reach a least value.</summary>
    public static Bar AtLeast(string name, double target, double measured) =>
        new(name, FormattableString.Invariant($">= {target:0.##}"), FormattableString.Invariant($"{measured:0.000}"), measured >= target ? "yes" : "no");

    /// <summary>A figure that must not pass a most value.</summary>
    public static Bar AtMost(string name, double target, double measured, string unit = "") =>
        new(name, FormattableString.Invariant($"<= {target:0.##}{unit}"), FormattableString.Invariant($"{measured:0.000}{unit}"), measured <= target ? "yes" : "no");
}
