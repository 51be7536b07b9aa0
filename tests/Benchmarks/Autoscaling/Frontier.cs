using InferenceOperator.Core.Simulation.Runs;

namespace InferenceOperator.Benchmarks.Autoscaling;

/// <summary>What a peer reaches at a cost: straight lines between the targets that it was run with.</summary>
internal sealed class Frontier
{
    private readonly List<(double Hours, double Attainment)> _points;

    /// <param name="targets">The runs of each target; at least one.</param>
    public Frontier(IEnumerable<IReadOnlyList<RunResult>> targets)
    {
        // A target that is dearer and worse than another one is nobody's choice.
        var all = targets.Select(static runs => (Hours: runs.Average(static r => r.GpuHours), Attainment: runs.Average(static r => r.Attainment))).OrderBy(static p => p.Hours).ToList();
        _points = [.. all.Where(p => !all.Any(q => q.Hours <= p.Hours && q.Attainment > p.Attainment))];
    }

    /// <summary>Attainment for so many GPU-hours; beyond its ends that of the end.</summary>
    public double At(double hours)
    {
        var i = _points.FindIndex(p => p.Hours >= hours);
        if (i <= 0)
        {
            return i < 0 ? _points[^1].Attainment : _points[0].Attainment;
        }

        var (low, high) = (_points[i - 1], _points[i]);
        return low.Attainment + ((high.Attainment - low.Attainment) * (hours - low.Hours) / (high.Hours - low.Hours));
    }
}
