using InferenceRuntime.Core.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>A tensor of a batched model whose dimensions beside axis 0 are all fixed: every row has the same bytes.</summary>
internal sealed class TensorLayout
{
    private readonly long[] _shape;

    private TensorLayout(string name, TensorElementType type, long[] shape, int rowBytes)
    {
        Name = name;
        Type = type;
        _shape = shape;
        RowBytes = rowBytes;
    }

    public string Name { get; }

    public TensorElementType Type { get; }

    /// <summary>Bytes of one row.</summary>
    public int RowBytes { get; }

    /// <summary>The layouts of all tensors; null when one has no fixed row.</summary>
    public static TensorLayout[]? Of(IReadOnlyList<TensorSpec> tensors)
    {
        var layouts = new TensorLayout[tensors.Count];
        for (var i = 0; i < layouts.Length; i++)
        {
            if (Of(tensors[i]) is not { } layout)
            {
                return null;
            }

            layouts[i] = layout;
        }

        return layouts;
    }

    /// <summary>The shape for this many rows.</summary>
    public long[] Shape(int rows)
    {
        long[] shape = [.. _shape];
        shape[0] = rows;
        return shape;
    }

    /// <summary>The shape of one row; axis 0 is 1.</summary>
    public ReadOnlySpan<long> RowShape => _shape;

    private static TensorLayout? Of(TensorSpec tensor)
    {
        if (tensor.Datatype is Datatype.Bytes)
        {
            return null;
        }

        long bytes = tensor.Datatype.ElementSize();
        foreach (var dimension in tensor.Shape.AsSpan()[1..])
        {
            // A row beyond what a span can hold takes the unbound way.
            if (dimension < 0 || (bytes > 0 && dimension > int.MaxValue / bytes))
            {
                return null;
            }

            bytes *= dimension;
        }

        long[] shape = [.. tensor.Shape];
        shape[0] = 1;
        return new TensorLayout(tensor.Name, ElementTypes.Of(tensor.Datatype), shape, (int)bytes);
    }
}
