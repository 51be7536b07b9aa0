using InferenceOperator.Benchmarks.Report;

namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Ratios of every contestant on every trace, as means over the seeds.</summary>
internal sealed class RatioTable(IReadOnlyList<string> contestants, int seeds)
{
    private readonly Dictionary<(string Trace, string Contestant), HitRatios> _means = [];
    private readonly List<string> _traces = [];

    public IReadOnlyList<string> Traces => _traces;

    public HitRatios this[string trace, string contestant] => _means[(trace, contestant)];

    public void Add(string trace, string contestant, HitRatios ratios)
    {
        if (!_traces.Contains(trace))
        {
            _traces.Add(trace);
        }

        var mean = _means.GetValueOrDefault((trace, contestant));
        _means[(trace, contestant)] = new HitRatios(
            mean.Requests + (ratios.Requests / seeds), mean.Bytes + (ratios.Bytes / seeds), mean.TimeSaved + (ratios.TimeSaved / seeds));
    }

    public ReportTable Table(string title, Func<HitRatios, double> figure) => new(
        title,
        ["traffic", .. contestants],
        [.. _traces.Select(trace => (IReadOnlyList<string>)
            [trace, .. contestants.Select(c => FormattableString.Invariant($"{100 * figure(this[trace, c]):0.00}"))])]);
}
