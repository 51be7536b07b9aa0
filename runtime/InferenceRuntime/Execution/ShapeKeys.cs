using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution;

/// <summary>Gives requests the key under which they may run together. Thread safe.</summary>
internal sealed class ShapeKeys
{
    private readonly bool _isFixed;

    /// <param name="signature">The model's signature.</param>
    public ShapeKeys(ModelSignature signature)
    {
        // A model that is not batched runs every request alone, whatever its shape: one queue, in order.
        _isFixed = !signature.Batched || signature.Inputs.All(input => !input.Shape.AsSpan()[1..].Contains(-1));
    }

    /// <summary>The key: the inputs' dimensions without axis 0, with each rank before them.</summary>
    public ShapeKey Of(InferenceRequest request)
    {
        if (_isFixed)
        {
            return ShapeKey.Fixed;
        }

        var length = 0;
        foreach (var input in request.Inputs)
        {
            length += input.Shape.Length;
        }

        var dimensions = new long[length];
        var at = 0;
        foreach (var input in request.Inputs)
        {
            var shape = input.Shape.Span;
            dimensions[at++] = shape.Length;
            shape[1..].CopyTo(dimensions.AsSpan(at));
            at += shape.Length - 1;
        }

        return new ShapeKey(dimensions);
    }
}
