using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>The buffers of an instance, bound to its session for one batch size. Not thread safe.</summary>
internal sealed class BoundBatch : IDisposable
{
    private readonly OrtIoBinding _binding;
    private readonly OrtValue[] _values;

    /// <summary>Binds the first <paramref name="rows"/> rows of each buffer.</summary>
    public BoundBatch(
        InferenceSession session, TensorLayout[] inputs, NativeBuffer[] inputBuffers, TensorLayout[] outputs, NativeBuffer[] outputBuffers, int rows)
    {
        _binding = session.CreateIoBinding();
        _values = new OrtValue[inputs.Length + outputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            _values[i] = Over(inputs[i], inputBuffers[i], rows);
            _binding.BindInput(inputs[i].Name, _values[i]);
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            var value = Over(outputs[i], outputBuffers[i], rows);
            _values[inputs.Length + i] = value;
            _binding.BindOutput(outputs[i].Name, value);
        }
    }

    /// <summary>Runs the model on the bound rows.</summary>
    public void Run(InferenceSession session, RunOptions options) => session.RunWithBinding(options, _binding);

    /// <summary>Lets go of the buffers.</summary>
    public void Dispose()
    {
        _binding.Dispose();
        foreach (var value in _values)
        {
            value?.Dispose();
        }
    }

    private static OrtValue Over(TensorLayout layout, NativeBuffer buffer, int rows) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, layout.Type, layout.Shape(rows), buffer.Address, (long)rows * layout.RowBytes);
}
