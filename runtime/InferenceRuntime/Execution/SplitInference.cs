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

    /// <summary>When the first piece began, and the times of all together.</summary>
    public (long FirstStartAt, ExecutionTimes Times) Spent => (_firstStartAt, _times);

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

    private bool IsDue => _running == 0 && (_verdict is not null || _rowsAnswered == request.Rows);
}
