using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What others used of the two cores while something was measured on them.</summary>
internal sealed class Disturbance
{
    /// <summary>Above this share of a core the figures are another's.</summary>
    public const double ShareMax = 0.05;

    private readonly double[] _others = new double[2];
    private double _seconds;

    /// <summary>Adds a stretch of time.</summary>
    /// <param name="before">State at its begin.</param>
    /// <param name="now">State at its end.</param>
    public void Add(Reading before, Reading now)
    {
        _others[0] += now.ServerCore - before.ServerCore - (now.Server - before.Server);
        _others[1] += now.LoadCore - before.LoadCore - (now.Load - before.Load);
        _seconds += TimeProvider.System.GetElapsedTime(before.At, now.At).TotalSeconds;
    }

    /// <summary>The bars as they are, or without verdict where others took too much.</summary>
    public IEnumerable<Bar> Judge(IEnumerable<Bar> bars)
    {
        var share = _seconds > 0 ? _others.Max() / _seconds : 0;
        return share <= ShareMax ? bars : bars.Select(bar => bar.But(Invariant($"others took {share:0 %} of a core meanwhile")));
    }

    /// <summary>Processor seconds used so far, of both cores by all, and by the two processes that ought to use them.</summary>
    internal sealed record Reading(long At, double ServerCore, double Server, double LoadCore, double Load)
    {
        public static Reading Take(PinnedServer server, PinnedProcess load) => new(
            TimeProvider.System.GetTimestamp(), CoreUse.Seconds(PinnedServer.ServerCore), server.CpuSeconds, CoreUse.Seconds(LoadSource.Core), load.CpuSeconds);
    }
}
