using System.Buffers.Binary;
using System.Collections.Immutable;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution;

/// <summary>Cuts rows out of one request of a batched model, over its own memory. Thread safe.</summary>
internal sealed class RowSlices(InferenceRequest request, ImmutableArray<TensorSpec> inputs)
{
    private readonly int[]?[] _rowStarts = [.. inputs.Select((input, i) =>
        input.Datatype is Datatype.Bytes ? RowStarts(request.Inputs[i], request.Rows) : null)];

    /// <summary>A request of rows <paramref name="firstRow"/> and following; inside the whole one.</summary>
    public InferenceRequest Slice(int firstRow, int rows)
    {
        var tensors = new TensorContent[request.Inputs.Length];
        var total = 0L;
        for (var i = 0; i < tensors.Length; i++)
        {
            var (start, end) = Range(i, firstRow, rows);
            long[] shape = [.. request.Inputs[i].Shape.Span];
            shape[0] = rows;
            tensors[i] = new TensorContent(shape, request.Inputs[i].Bytes[start..end]);
            total += end - start;
        }

        return request with { Inputs = tensors, Rows = rows, Bytes = total };
    }

    private (int Start, int End) Range(int input, int firstRow, int rows)
    {
        if (_rowStarts[input] is { } starts)
        {
            return (starts[firstRow], starts[firstRow + rows]);
        }

        var rowBytes = request.Inputs[input].Bytes.Length / request.Rows;
        return (firstRow * rowBytes, (firstRow + rows) * rowBytes);
    }

    // Elements of strings have no common size: each begins with its length.
    private static int[] RowStarts(TensorContent tensor, int rows)
    {
        var elementsPerRow = 1L;
        foreach (var dimension in tensor.Shape.Span[1..])
        {
            elementsPerRow *= dimension;
        }

        var bytes = tensor.Bytes.Span;
        var starts = new int[rows + 1];
        var at = 0;
        for (var row = 0; row < rows; row++)
        {
            starts[row] = at;
            for (var element = 0L; element < elementsPerRow; element++)
            {
                at += sizeof(uint) + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
            }
        }

        starts[rows] = at;
        return starts;
    }
}
