using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace InferenceRuntime.Load;

/// <summary>
/// Answers rows one at a time with nothing but ONNX Runtime: what batched, scheduled and transported answers are held against.
/// It shares no code with the engine on purpose.
/// </summary>
internal sealed class RowPredictor : IDisposable
{
    private readonly SessionOptions _options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly NodeMetadata _metadata;

    /// <exception cref="OnnxRuntimeException">The file cannot be loaded.</exception>
    /// <exception cref="InvalidOperationException">The model has several inputs, or its first output is not FP32.</exception>
    public RowPredictor(string model)
    {
        _session = new InferenceSession(model, _options);
        if (_session.InputMetadata.Count != 1 || _session.OutputMetadata[_session.OutputNames[0]].ElementDataType != TensorElementType.Float)
        {
            throw new InvalidOperationException("rows are predicted for models with one input and an FP32 output");
        }

        (_input, _metadata) = _session.InputMetadata.First();
    }

    /// <summary>Elements of one row; variable dimensions count as 1.</summary>
    public long RowElements => _metadata.Dimensions.Skip(1).Aggregate(1L, static (product, dimension) => product * Math.Max(1, dimension));

    /// <summary>The first output for this row alone.</summary>
    public float[] Predict(double[] row)
    {
        long[] shape = [1, .. _metadata.Dimensions.Skip(1).Select(static dimension => (long)Math.Max(1, dimension))];
        using var value = ToTensor(row, shape);
        using var run = new RunOptions();
        using var outputs = _session.Run(run, [_input], [value], [_session.OutputNames[0]]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>The answer as a line of CSV, each number in its shortest exact form.</summary>
    public string PredictLine(double[] row) =>
        string.Join(',', Predict(row).Select(static value => value.ToString("R", CultureInfo.InvariantCulture)));

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }

    private OrtValue ToTensor(double[] row, long[] shape) => _metadata.ElementDataType switch
    {
        TensorElementType.Float => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(row, static value => (float)value), shape),
        TensorElementType.Double => OrtValue.CreateTensorValueFromMemory(row, shape),
        TensorElementType.Int64 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(row, static value => (long)value), shape),
        TensorElementType.Int32 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(row, static value => (int)value), shape),
        var type => throw new InvalidOperationException($"rows are not predicted for inputs of type {type}"),
    };
}
