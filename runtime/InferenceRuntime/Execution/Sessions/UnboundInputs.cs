using System.Buffers;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Makes the input values of one run: over a single request's own memory where that is possible, else over copies. Not thread safe.</summary>
internal sealed class UnboundInputs : IDisposable
{
    private readonly ModelSignature _signature;
    private readonly OrtValue?[] _values;
    private readonly MemoryHandle[] _pins;
    private readonly NativeBuffer[] _scratch;

    public UnboundInputs(ModelSignature signature)
    {
        _signature = signature;
        _values = new OrtValue?[signature.Inputs.Length];
        _pins = new MemoryHandle[_values.Length];
        _scratch = [.. _values.Select(_ => new NativeBuffer())];
    }

    /// <summary>The values for a batch, in the signature's order; valid until <see cref="LetGo"/>, which is called also when this throws.</summary>
    public IReadOnlyCollection<OrtValue> Take(ReadOnlySpan<InferenceRequest> requests, int rows)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            _values[i] = _signature.Inputs[i].Datatype is Datatype.Bytes ? Strings(requests, rows, i) : Numbers(requests, rows, i);
        }

        return _values!; // All were set above.
    }

    /// <summary>Frees the values and the requests' memory.</summary>
    public void LetGo()
    {
        for (var i = 0; i < _values.Length; i++)
        {
            _values[i]?.Dispose();
            _values[i] = null;
            _pins[i].Dispose();
            _pins[i] = default;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _scratch)
        {
            buffer.Dispose();
        }
    }

    private long[] ShapeOf(ReadOnlySpan<InferenceRequest> requests, int rows, int input)
    {
        long[] shape = [.. requests[0].Inputs[input].Shape.Span];
        if (_signature.Batched)
        {
            shape[0] = rows;
        }

        return shape;
    }

    private OrtValue Strings(ReadOnlySpan<InferenceRequest> requests, int rows, int input)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, ShapeOf(requests, rows, input));
        _values[input] = value;
        var place = 0;
        foreach (var request in requests)
        {
            place = BytesElements.Write(request.Inputs[input].Bytes.Span, value, place);
        }

        return value;
    }

    private OrtValue Numbers(ReadOnlySpan<InferenceRequest> requests, int rows, int input)
    {
        var datatype = _signature.Inputs[input].Datatype;
        var bytes = 0L;
        foreach (var request in requests)
        {
            bytes += request.Inputs[input].Bytes.Length;
        }

        var address = requests.Length == 1 ? Pin(requests[0].Inputs[input].Bytes, input, datatype.ElementSize()) : 0;
        if (address == 0)
        {
            address = CopyToScratch(requests, input, bytes);
        }

        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, ElementTypes.Of(datatype), ShapeOf(requests, rows, input), address, bytes);
    }

    // Zero when the memory is empty or not aligned to whole elements.
    private unsafe nint Pin(ReadOnlyMemory<byte> bytes, int input, int elementSize)
    {
        if (bytes.IsEmpty)
        {
            return 0;
        }

        _pins[input] = bytes.Pin();
        var address = (nint)_pins[input].Pointer;
        return address % elementSize == 0 ? address : 0;
    }

    private nint CopyToScratch(ReadOnlySpan<InferenceRequest> requests, int input, long bytes)
    {
        var scratch = _scratch[input];
        scratch.Reserve(bytes);
        var offset = 0L;
        foreach (var request in requests)
        {
            var source = request.Inputs[input].Bytes.Span;
            source.CopyTo(scratch.Slice(offset, source.Length));
            offset += source.Length;
        }

        return scratch.Address;
    }
}
