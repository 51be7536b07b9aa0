using System.Diagnostics;

namespace InferenceOperator.Benchmarks.Report;

/// <summary>Whether a promise holds, as far as a run can tell.</summary>
internal abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>The word for it in reports.</summary>
    public string Word => this switch
    {
        Yes => "yes",
        No => "no",
        NotMeasurable => "not measurable",
        FullOnly => "full-only",
        _ => throw new UnreachableException(),
    };

    /// <summary>Holds or does not.</summary>
    public static Verdict Of(bool holds) => holds ? new Yes() : new No();

    public sealed record Yes : Verdict;

    public sealed record No : Verdict;

    /// <summary>Only a run of the full size can tell.</summary>
    public sealed record FullOnly : Verdict;

    /// <summary>The figure says nothing here.</summary>
    public sealed record NotMeasurable(string Reason) : Verdict;
}
