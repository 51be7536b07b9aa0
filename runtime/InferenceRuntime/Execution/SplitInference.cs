using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution;

/// <summary>
/// A request that runs in pieces: which run, what they gave, and what becomes of the whole. Its outcome is due when no piece
/// runs and either all rows are there or the request has failed in some way.
/// </summary>
/// <remarks>Members that end in Locked are called under the dispatcher's lock; <see cref="Slices"/> is thread safe.</remarks>
internal sealed class SplitInference(InferenceRequest request, ModelSignature signature)
{
    private readonly List<(int FirstRow, OutputLease Lease)> _answers = [];
    private readonly Lazy<RowSlices> _slices = new(() => new RowSlices(request, signature.Inputs));
    private int _running;
    private int _rowsAnswered;
    private InferenceOutcome? _verdict;
    private long _firstStartAt = long.MaxValue;
    private ExecutionTimes _times;

    /// <summary>Gives the pieces their rows.</summary>
    public RowSlices Slices => _slices.Value;

    /// <summary>A piece begins to run.</summary>
    public void BeginLocked() => _running++;

    /// <summary>A piece was answered.</summary>
    /// <returns>True when the outcome is due.</returns>
    public bool AnswerLocked(int firstRow, int rows, OutputLease lease, long startedAt, in ExecutionTimes times)
    {
        _running--;
        _answers.Add((firstRow, lease));
        _rowsAnswered += rows;
        _firstStartAt = Math.Min(_firstStartAt, startedAt);
        _times = new ExecutionTimes(_times.Input + times.Input, _times.Infer + times.Infer, _times.Output + times.Output);
        return IsDue;
    }

    /// <summary>A piece failed, and so does the whole.</summary>
    /// <inheritdoc cref="AnswerLocked" path="/returns"/>
    public bool FailPieceLocked(InferenceOutcome verdict)
    {
        _running--;
        return FailLocked(verdict);
    }

    /// <summary>What waited of it has left the queue unexecuted.</summary>
    /// <inheritdoc cref="AnswerLocked" path="/returns"/>
    public bool FailLocked(InferenceOutcome verdict)
    {
        _verdict ??= verdict;
        return IsDue;
    }

    /// <summary>Joins the answers, or gives their memory back when the request failed. Called once, when the outcome is due.</summary>
    /// <returns>The outputs, or the outcome if there are none; <see cref="InferenceOutcome.Refused"/> when pieces do not fit together.</returns>
    public (OutputLease Lease, InferenceOutcome? Verdict) Finish()
    {
        if (_verdict is not null)
        {
            foreach (var (_, lease) in _answers)
            {
                lease.Release?.Invoke();
            }

            return (default, _verdict);
        }

        _answers.Sort(static (a, b) => a.FirstRow.CompareTo(b.FirstRow));
        return RowJoin.Concatenate([.. _answers.Select(answer => answer.Lease)]) is { } whole
            ? (whole, null)
            : (default, new InferenceOutcome.Refused(
                "the request has more rows than a batch and runs in pieces; their outputs differ beside axis 0 or are too large to be joined"));
    }

    /// <summary>Where the time of the whole request went; queue and times add up to <paramref name="lasted"/>. Called when the outcome is due.</summary>
    /// <param name="acceptedAt">When it was accepted, a timestamp of the clock.</param>
    /// <param name="lasted">From then until now.</param>
    /// <param name="clock">The clock.</param>
    public (TimeSpan Queue, ExecutionTimes Times) Times(long acceptedAt, TimeSpan lasted, TimeProvider clock)
    {
        // Pieces may have run at the same time: their times together may exceed what there was.
        var waited = _firstStartAt <= acceptedAt ? TimeSpan.Zero : clock.GetElapsedTime(acceptedAt, _firstStartAt);
        var infer = Least(_times.Infer, lasted - waited);
        var input = Least(_times.Input, lasted - waited - infer);
        var output = Least(_times.Output, lasted - waited - infer - input);
        return (lasted - infer - input - output, new ExecutionTimes(input, infer, output));
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b)
    {
        var least = a < b ? a : b;
        return least < TimeSpan.Zero ? TimeSpan.Zero : least;
    }

    private bool IsDue => _running == 0 && (_verdict is not null || _rowsAnswered == request.Rows);
}
