using System.Globalization;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>One sudden end of a process of the operator.</summary>
/// <param name="AtWrite">The write, counted from its start, at which it ends; zero: none.</param>
/// <param name="After">Whether that write is done, and only its answer lost.</param>
/// <param name="AtTime">When it ends whatever it does, from its start; null: never.</param>
/// <param name="Pause">How long until another starts.</param>
internal sealed record Crash(int AtWrite, bool After, TimeSpan? AtTime, TimeSpan Pause)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(AtTime is { } time ? $"at {time.TotalSeconds:0.000} s" : $"{(After ? "after" : "before")} write {AtWrite}")}, the next after {Pause.TotalSeconds:0.0} s");
}
