using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Runs a model before it serves: to hold its declared batch axis against what it does, and to warm it up.</summary>
internal static class ModelTrial
{
    /// <summary>What the model does with a batch axis that it declares.</summary>
    /// <param name="RowsStandAlone">False when rows cannot run together: an output has no row for each row in, or rows mix.</param>
    /// <param name="Reason">Why not, or why it could not be seen; null when it was seen and is so.</param>
    public readonly record struct AxisTrial(bool RowsStandAlone, string? Reason);

    /// <summary>Runs two different rows together and each of them alone.</summary>
    public static AxisTrial TryBatchAxis(OnnxInstance instance, ModelSignature signature)
    {
        var together = Run(instance, signature, rows: 2, firstRow: 0, out var both);
        if (together.Status is not RunStatus.Done)
        {
            return new AxisTrial(RowsStandAlone: together.Status is RunStatus.Refused, together.Reason);
        }

        try
        {
            for (var row = 0; row < 2; row++)
            {
                var single = Run(instance, signature, rows: 1, firstRow: row, out var alone);
                if (single.Status is not RunStatus.Done)
                {
                    return new AxisTrial(RowsStandAlone: single.Status is RunStatus.Refused, single.Reason);
                }

                var difference = RowComparison.Difference(signature, both.Outputs, rows: 2, alone.Outputs, row);
                alone.Release?.Invoke();
                if (difference is not null)
                {
                    return new AxisTrial(RowsStandAlone: false, difference);
                }
            }
        }
        finally
        {
            both.Release?.Invoke();
        }

        return new AxisTrial(RowsStandAlone: true, null);
    }

    /// <summary>Runs 1, 2, 4, … rows up to <paramref name="rowsMax"/>, twice each, until the time is up.</summary>
    /// <returns>The second runs.</returns>
    public static List<TrialRun> WarmUp(
        OnnxInstance instance, ModelSignature signature, int rowsMax, TimeSpan timeMax, TimeProvider clock, CancellationToken cancellationToken)
    {
        var runs = new List<TrialRun>();
        var startedAt = clock.GetTimestamp();
        for (var rows = 1; rows <= rowsMax; rows = rows < rowsMax ? Math.Min(rows * 2, rowsMax) : rowsMax + 1)
        {
            if (TrialRequest.Of(signature, rows, firstRow: 0) is not { } request)
            {
                return runs;
            }

            for (var round = 0; round < 2; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var runAt = clock.GetTimestamp();
                if (!TryRun(instance, request, rows))
                {
                    return runs;
                }

                var endedAt = clock.GetTimestamp();
                if (round == 1)
                {
                    runs.Add(new TrialRun(request, endedAt - runAt));
                }

                // The next size takes about twice as long: it must not lead far beyond the time there is.
                if (clock.GetElapsedTime(startedAt, endedAt) + (2 * clock.GetElapsedTime(runAt, endedAt)) > timeMax)
                {
                    return runs;
                }
            }
        }

        return runs;
    }

    // Without bound buffers, which would force the declared shapes upon the outputs.
    private static RunResult Run(OnnxInstance instance, ModelSignature signature, int rows, int firstRow, out OutputLease answer)
    {
        answer = default;
        if (TrialRequest.Of(signature, rows, firstRow) is not { } request)
        {
            return new RunResult(RunStatus.Refused, TimeSpan.Zero, "its inputs are too large to be tried");
        }

        Span<OutputLease> answers = new OutputLease[1];
        var result = instance.RunUnbound([request], rows, answers);
        answer = answers[0];
        return result;
    }

    private static bool TryRun(OnnxInstance instance, InferenceRequest request, int rows)
    {
        Span<OutputLease> answers = new OutputLease[1];
        if (instance.Run([request], rows, answers).Status is not RunStatus.Done)
        {
            return false;
        }

        answers[0].Release?.Invoke();
        return true;
    }
}
