using System.Buffers;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Tracing;

namespace InferenceRuntime.Execution.Padding;

/// <summary>One request whose inputs were padded into memory of their own; it cuts the answer back. Not thread safe.</summary>
internal sealed class PaddedRequest : IDisposable
{
    // Tensors begin at multiples of this, so that the model can run on them where they lie.
    private const int Alignment = 64;

    private readonly PaddingPlan _plan;
    private readonly Dictionary<string, (long Own, long Padded)> _lengths;
    private readonly byte[] _memory;

    private PaddedRequest(PaddingPlan plan, InferenceRequest request, Dictionary<string, (long Own, long Padded)> lengths, byte[] memory)
    {
        _plan = plan;
        Request = request;
        _lengths = lengths;
        _memory = memory;
        if (request.Trace is SampledRequest trace)
        {
            trace.Bucket = string.Join(',', lengths.Select(static axis => $"{axis.Key}={axis.Value.Padded}"));
        }
    }

    /// <summary>The request with its padded inputs.</summary>
    public InferenceRequest Request { get; }

    /// <summary>Pads a request; null when it stands as it is: every length is a bucket or above the largest, or lengths contradict each other.</summary>
    /// <param name="request">The request.</param>
    /// <param name="plan">What is padded.</param>
    /// <param name="bytesMax">Most bytes of padded inputs: a request that would have more stands as it is.</param>
    public static PaddedRequest? Of(InferenceRequest request, PaddingPlan plan, long bytesMax)
    {
        var lengths = new Dictionary<string, (long Own, long Padded)>(StringComparer.Ordinal);
        var total = 0L;
        var isLonger = false;
        foreach (var input in plan.Inputs)
        {
            var own = request.Inputs[input.Input].Shape.Span[input.Axis];
            var padded = input.BucketFor(own);
            if (lengths.TryGetValue(input.AxisName, out var same) && same.Own != own)
            {
                // The model says what is wrong with it.
                return null;
            }

            lengths[input.AxisName] = (own, padded);
            isLonger |= padded > own;
            total += Aligned(input.BytesAt(request.Inputs[input.Input], padded));
        }

        return isLonger && total <= Math.Min(bytesMax, Array.MaxLength) ? Write(request, plan, lengths, total) : null;
    }

    /// <summary>
    /// The answer with its outputs cut back to the request's own lengths, in pooled memory; the padded outputs are given back. The
    /// outcome as it is when it is no answer or nothing is to be cut.
    /// </summary>
    public InferenceOutcome Cut(InferenceOutcome outcome)
    {
        if (outcome is not InferenceOutcome.Answered answered || _plan.Cuts.IsEmpty)
        {
            return outcome;
        }

        var outputs = new TensorContent[answered.Outputs.Length];
        var shapes = answered.Outputs.Select((output, i) => CutShape(i, output.Shape.Span)).ToArray();
        var lengths = new long[outputs.Length];
        for (var o = 0; o < outputs.Length; o++)
        {
            lengths[o] = CutRegion.Length(answered.Outputs[o], shapes[o]);
        }

        var memory = ArrayPool<byte>.Shared.Rent((int)lengths.Sum(Aligned));
        var start = 0;
        for (var o = 0; o < outputs.Length; o++)
        {
            var bytes = memory.AsMemory(start, (int)lengths[o]);
            CutRegion.Copy(answered.Outputs[o], shapes[o], bytes.Span);
            outputs[o] = shapes[o].Length == 0 && bytes.IsEmpty ? default : new TensorContent(shapes[o], bytes);
            start += (int)Aligned(lengths[o]);
        }

        answered.Release?.Invoke();
        return answered with { Outputs = outputs, Release = () => ArrayPool<byte>.Shared.Return(memory) };
    }

    /// <summary>Gives the padded inputs' memory back; the request has its outcome.</summary>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_memory);

    private static PaddedRequest Write(
        InferenceRequest request, PaddingPlan plan, Dictionary<string, (long Own, long Padded)> lengths, long total)
    {
        var memory = ArrayPool<byte>.Shared.Rent((int)total);
        TensorContent[] inputs = [.. request.Inputs];
        var bytes = request.Bytes;
        var start = 0;
        foreach (var input in plan.Inputs)
        {
            var tensor = request.Inputs[input.Input];
            var length = lengths[input.AxisName].Padded;
            var padded = memory.AsMemory(start, (int)input.BytesAt(tensor, length));
            input.Write(tensor, length, padded.Span);
            long[] shape = [.. tensor.Shape.Span];
            shape[input.Axis] = length;
            inputs[input.Input] = new TensorContent(shape, padded);
            bytes += padded.Length - tensor.Bytes.Length;
            start += (int)Aligned(padded.Length);
        }

        return new PaddedRequest(plan, request with { Inputs = inputs, Bytes = bytes }, lengths, memory);
    }

    // Only an axis that came back as long as it was padded is cut: what the model made shorter or longer is its answer.
    private long[] CutShape(int output, ReadOnlySpan<long> shape)
    {
        long[] cut = [.. shape];
        foreach (var one in _plan.Cuts)
        {
            if (one.Output == output && one.Axis < cut.Length && _lengths.TryGetValue(one.AxisName, out var length) && cut[one.Axis] == length.Padded)
            {
                cut[one.Axis] = length.Own;
            }
        }

        return cut;
    }

    private static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
