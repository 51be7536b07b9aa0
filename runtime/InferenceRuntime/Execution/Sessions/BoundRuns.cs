using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>
/// Runs batches of a model whose rows have fixed sizes: rows are copied into buffers that stay bound to the session, one
/// binding for each batch size, made when the size first occurs. Not thread safe.
/// </summary>
internal sealed class BoundRuns : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options;
    private readonly OutputPool _pool;
    private readonly TimeProvider _clock;
    private readonly TensorLayout[] _inputs;
    private readonly TensorLayout[] _outputs;
    private readonly NativeBuffer[] _inputBuffers;
    private readonly NativeBuffer[] _outputBuffers;
    private readonly Dictionary<int, BoundBatch> _bindings = [];
    private int _capacity;

    private BoundRuns(
        InferenceSession session, RunOptions options, OutputPool pool, TimeProvider clock, TensorLayout[] inputs, TensorLayout[] outputs)
    {
        _session = session;
        _options = options;
        _pool = pool;
        _clock = clock;
        _inputs = inputs;
        _outputs = outputs;
        _inputBuffers = [.. inputs.Select(_ => new NativeBuffer())];
        _outputBuffers = [.. outputs.Select(_ => new NativeBuffer())];
    }

    /// <summary>Bound runs for a model; null when its tensors do not allow them.</summary>
    public static BoundRuns? For(
        ModelSignature signature, InferenceSession session, RunOptions options, OutputPool pool, TimeProvider clock) =>
        signature.Batched
        && TensorLayout.Of(signature.Inputs) is { } inputs
        && TensorLayout.Of(signature.Outputs) is { } outputs
            ? new BoundRuns(session, options, pool, clock, inputs, outputs)
            : null;

    /// <inheritdoc cref="IModelInstance.Run"/>
    public RunResult Run(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        var packingAt = _clock.GetTimestamp();
        var batch = BatchOf(BatchSizes.RoundUp(rows));
        Pack(requests);
        var startedAt = _clock.GetTimestamp();
        batch.Run(_session, _options);
        var compute = _clock.GetElapsedTime(startedAt);
        return Slice(requests, answers)
            ? new RunResult(RunStatus.Done, compute, null) { Packing = _clock.GetElapsedTime(packingAt, startedAt) }
            : new RunResult(RunStatus.Failed, compute, "the outputs of one request are larger than one array can be");
    }

    /// <inheritdoc/>
    public void Dispose() => GiveMemoryBack();

    /// <summary>Gives the buffers back; the next run makes them anew.</summary>
    public void GiveMemoryBack()
    {
        Unbind();
        _capacity = 0;
        foreach (var buffer in _inputBuffers)
        {
            buffer.Dispose();
        }

        foreach (var buffer in _outputBuffers)
        {
            buffer.Dispose();
        }
    }

    private BoundBatch BatchOf(int rows)
    {
        if (_bindings.TryGetValue(rows, out var batch))
        {
            return batch;
        }

        if (rows > _capacity)
        {
            Unbind();
            _capacity = 0;
            var capacity = rows <= BatchSizes.ExactMax ? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows) : rows;
            Reserve(_inputs, _inputBuffers, capacity);
            Reserve(_outputs, _outputBuffers, capacity);
            _capacity = capacity;
        }

        batch = new BoundBatch(_session, _inputs, _inputBuffers, _outputs, _outputBuffers, rows);
        _bindings.Add(rows, batch);
        return batch;
    }

    private static void Reserve(TensorLayout[] layouts, NativeBuffer[] buffers, int rows)
    {
        for (var i = 0; i < layouts.Length; i++)
        {
            buffers[i].Reserve((long)rows * layouts[i].RowBytes);
        }
    }

    // Rows of padding keep what an earlier batch left there: valid input, and their outputs are never read.
    private void Pack(ReadOnlySpan<InferenceRequest> requests)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var offset = 0L;
            foreach (var request in requests)
            {
                var bytes = request.Inputs[i].Bytes.Span;
                bytes.CopyTo(_inputBuffers[i].Slice(offset, bytes.Length));
                offset += bytes.Length;
            }
        }
    }

    private bool Slice(ReadOnlySpan<InferenceRequest> requests, Span<OutputLease> answers)
    {
        var row = 0L;
        for (var r = 0; r < requests.Length; r++)
        {
            var request = requests[r];
            var block = _pool.Rent();
            for (var o = 0; o < _outputs.Length; o++)
            {
                if ((request.OutputsWanted & (1UL << o)) == 0)
                {
                    block.Skip(o);
                    continue;
                }

                block.SetShape(o, _outputs[o].RowShape, (long)request.Rows * _outputs[o].RowBytes);
                block.SetRows(o, request.Rows);
            }

            if (!block.Allocate())
            {
                block.GiveUp();
                ReleaseAll(answers[..r]);
                return false;
            }

            for (var o = 0; o < _outputs.Length; o++)
            {
                if ((request.OutputsWanted & (1UL << o)) != 0)
                {
                    var bytes = block.Bytes(o);
                    _outputBuffers[o].Slice(row * _outputs[o].RowBytes, bytes.Length).CopyTo(bytes);
                }
            }

            row += request.Rows;
            answers[r] = block.Lend();
        }

        return true;
    }

    private static void ReleaseAll(Span<OutputLease> answers)
    {
        foreach (ref var answer in answers)
        {
            answer.Release?.Invoke();
            answer = default;
        }
    }

    private void Unbind()
    {
        foreach (var batch in _bindings.Values)
        {
            batch.Dispose();
        }

        _bindings.Clear();
    }
}
