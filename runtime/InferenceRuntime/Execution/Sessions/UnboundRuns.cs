using System.Globalization;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>
/// Runs any batch of any model: shapes that vary, string tensors, scalars, and a single large request straight on its own
/// memory. ONNX Runtime allocates the outputs. Not thread safe.
/// </summary>
internal sealed class UnboundRuns : IDisposable
{
    private readonly ModelSignature _signature;
    private readonly InferenceSession _session;
    private readonly RunOptions _options;
    private readonly OutputPool _pool;
    private readonly TimeProvider _clock;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly UnboundInputs _inputs;

    public UnboundRuns(ModelSignature signature, InferenceSession session, RunOptions options, OutputPool pool, TimeProvider clock)
    {
        _signature = signature;
        _session = session;
        _options = options;
        _pool = pool;
        _clock = clock;
        _inputNames = [.. signature.Inputs.Select(input => input.Name)];
        _outputNames = [.. signature.Outputs.Select(output => output.Name)];
        _inputs = new UnboundInputs(signature);
    }

    /// <inheritdoc cref="IModelInstance.Run"/>
    public RunResult Run(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        try
        {
            var packingAt = _clock.GetTimestamp();
            var inputs = _inputs.Take(requests, rows);
            var startedAt = _clock.GetTimestamp();
            using var outputs = _session.Run(_options, _inputNames, inputs, _outputNames);
            var compute = _clock.GetElapsedTime(startedAt);
            return Fault(outputs, rows) is { } fault
                ? new RunResult(RunStatus.Failed, compute, fault)
                : Slice(outputs, requests, rows, answers)
                    ? new RunResult(RunStatus.Done, compute, null) { Packing = _clock.GetElapsedTime(packingAt, startedAt) }
                    : new RunResult(RunStatus.Failed, compute, "the outputs of one request are larger than one array can be");
        }
        finally
        {
            _inputs.LetGo();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _inputs.Dispose();

    /// <summary>Gives the copies' memory back; the next run makes it anew.</summary>
    public void GiveMemoryBack() => _inputs.Dispose();

    private string? Fault(IDisposableReadOnlyCollection<OrtValue> outputs, int rows)
    {
        for (var o = 0; o < outputs.Count; o++)
        {
            if (!outputs[o].IsTensor)
            {
                return $"output '{_outputNames[o]}' is not a tensor";
            }

            if (!_signature.Batched)
            {
                continue;
            }

            var shape = outputs[o].GetTensorTypeAndShape().Shape;
            if (shape.Length == 0 || shape[0] != rows)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"output '{_outputNames[o]}' has shape [{string.Join(',', shape)}] for {rows} rows");
            }
        }

        return null;
    }

    private bool Slice(
        IDisposableReadOnlyCollection<OrtValue> outputs, ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        var row = 0;
        for (var r = 0; r < requests.Length; r++)
        {
            var block = _pool.Rent();
            if (!TryFill(block, outputs, requests[r], row, rows))
            {
                block.GiveUp();
                for (var done = 0; done < r; done++)
                {
                    answers[done].Release?.Invoke();
                    answers[done] = default;
                }

                return false;
            }

            answers[r] = block.Lend();
            row += requests[r].Rows;
        }

        return true;
    }

    private bool TryFill(OutputBlock block, IDisposableReadOnlyCollection<OrtValue> outputs, InferenceRequest request, int row, int rows)
    {
        for (var o = 0; o < outputs.Count; o++)
        {
            if ((request.OutputsWanted & (1UL << o)) == 0)
            {
                block.Skip(o);
                continue;
            }

            var info = outputs[o].GetTensorTypeAndShape();
            var (first, count) = Elements(info.ElementCount, request, row, rows);
            block.SetShape(o, info.Shape, WireLength(o, outputs[o], first, count));
            if (_signature.Batched)
            {
                block.SetRows(o, request.Rows);
            }
        }

        if (!block.Allocate())
        {
            return false;
        }

        for (var o = 0; o < outputs.Count; o++)
        {
            if ((request.OutputsWanted & (1UL << o)) != 0)
            {
                var (first, count) = Elements(outputs[o].GetTensorTypeAndShape().ElementCount, request, row, rows);
                CopyOut(o, outputs[o], first, count, block.Bytes(o));
            }
        }

        return true;
    }

    private (long First, long Count) Elements(long all, InferenceRequest request, int row, int rows) =>
        _signature.Batched ? (all / rows * row, all / rows * request.Rows) : (0, all);

    private long WireLength(int output, OrtValue value, long first, long count)
    {
        var size = _signature.Outputs[output].Datatype.ElementSize();
        return size > 0 ? count * size : BytesElements.WireLength(value, (int)first, (int)count);
    }

    private void CopyOut(int output, OrtValue value, long first, long count, Span<byte> wire)
    {
        var size = _signature.Outputs[output].Datatype.ElementSize();
        if (size == 0)
        {
            BytesElements.Read(value, (int)first, (int)count, wire);
        }
        else if (count > 0)
        {
            value.GetTensorMutableRawData().Slice((int)(first * size), (int)(count * size)).CopyTo(wire);
        }
    }
}
