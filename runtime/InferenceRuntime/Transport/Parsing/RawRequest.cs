using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>A raw binary request: no JSON, the whole body is the single input, one row, every output binary.</summary>
internal static class RawRequest
{
    public static RequestFault? Read(InferCall call)
    {
        var signature = call.Model.Signature;
        if (signature.Inputs.Length != 1)
        {
            return RequestFault.Invalid($"Inference-Header-Content-Length: 0 is for models with one input, this one has {signature.Inputs.Length}");
        }

        var spec = signature.Inputs[0];
        var elements = spec.Datatype == Datatype.Bytes
            ? BytesElements.Count(call.Body.Span)
            : call.Body.Length / spec.Datatype.ElementSize();
        Span<long> shape = stackalloc long[TensorShape.RankMax];
        if (spec.Shape.Length > TensorShape.RankMax || !TryShape(spec, signature.Batched, elements, shape))
        {
            return Mismatch(call, spec);
        }

        shape = shape[..spec.Shape.Length];
        if (elements < 0 || (spec.Datatype != Datatype.Bytes && elements * spec.Datatype.ElementSize() != call.Body.Length))
        {
            return Mismatch(call, spec);
        }

        call.TrySee(0);
        call.Set(0, shape, call.Body);
        call.Rows = 1;
        call.OutputsWanted = call.OutputsBinary = call.Model.AllOutputs;
        return null;
    }

    /// <summary>One row on the batch axis; the one axis that is left open takes what the length leaves.</summary>
    private static bool TryShape(TensorSpec spec, bool batched, long elements, Span<long> shape)
    {
        var (open, known) = (-1, 1L);
        for (var axis = 0; axis < spec.Shape.Length; axis++)
        {
            var length = batched && axis == 0 ? 1 : spec.Shape[axis];
            shape[axis] = length;
            if (length >= 0)
            {
                known = length != 0 && known > long.MaxValue / length ? 0 : known * length;
            }
            else if (open >= 0)
            {
                return false;
            }
            else
            {
                open = axis;
            }
        }

        if (open < 0)
        {
            return known == elements;
        }

        if (known == 0 || elements % known != 0)
        {
            return false;
        }

        shape[open] = elements / known;
        return true;
    }

    private static RequestFault Mismatch(InferCall call, TensorSpec spec) => RequestFault.Invalid(
        $"input {ClientText.Quote(spec.Name)}: a raw body of {call.Body.Length} bytes is not one row of {spec.Datatype.WireName()} {TensorShape.Text(spec.Shape.AsSpan())}");
}
