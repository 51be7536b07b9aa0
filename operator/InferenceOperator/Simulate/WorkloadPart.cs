using InferenceOperator.Core.Simulation.Arrivals;

namespace InferenceOperator.Simulate;

/// <summary>A stretch of a workload, as one that begins at 0.</summary>
internal static class WorkloadPart
{
    /// <param name="whole">The workload.</param>
    /// <param name="from">Its begin, seconds.</param>
    /// <param name="seconds">Its length; infinite: to the end.</param>
    /// <exception cref="FormatException">Nothing lies there.</exception>
    public static Workload Of(Workload whole, double from, double seconds)
    {
        var to = Math.Min(whole.Seconds, from + seconds);
        if (from >= to)
        {
            throw new FormatException(FormattableString.Invariant($"--from, --for: the arrivals end after {whole.Seconds:0.#} s"));
        }

        return whole switch
        {
            Workload.Drawn drawn => new Workload.Drawn(drawn.Profile.Part(from, to)),
            Workload.Replayed replayed when replayed.Recording.Times.Count(t => t >= from && t <= to) is > 1 =>
                new Workload.Replayed(new Recording([.. replayed.Recording.Times.Where(t => t >= from && t <= to).Select(t => t - from)])),
            Workload.Replayed => throw new FormatException("--from, --for: fewer than two arrivals lie there"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
