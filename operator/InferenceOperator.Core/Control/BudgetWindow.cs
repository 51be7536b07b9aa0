using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>Requests that the SLO counts over <see cref="BudgetBasis.Window"/>, by when they were read. Bounded: at most one entry for each <see cref="Slot"/>.</summary>
internal sealed class BudgetWindow
{
    private static readonly TimeSpan Slot = TimeSpan.FromSeconds(5);

    private readonly Queue<(DateTimeOffset At, SloSums Sums)> _before = new();
    private (DateTimeOffset At, SloSums Sums) _open;
    private LatencySloSpec? _slo;

    /// <summary>Takes requests in and says what there was over the window.</summary>
    /// <param name="slo">Requests were judged by it: under another one it begins anew.</param>
    /// <param name="came">Since the last call.</param>
    /// <param name="now">The time (UTC).</param>
    public SloSums After(LatencySloSpec slo, SloSums came, DateTimeOffset now)
    {
        if (slo != _slo)
        {
            _slo = slo;
            _open = default;
            _before.Clear();
        }

        if (now - _open.At >= Slot)
        {
            _before.Enqueue(_open);
            _open = (now, default);
        }

        _open.Sums += came;
        while (_before.TryPeek(out var oldest) && oldest.At <= now - BudgetBasis.Window)
        {
            _before.Dequeue();
        }

        return _before.Aggregate(_open.Sums, static (sum, entry) => sum + entry.Sums);
    }
}
