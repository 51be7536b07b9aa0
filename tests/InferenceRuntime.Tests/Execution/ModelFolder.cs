using System.Runtime.InteropServices;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Onnx.Schema;
using InferenceRuntime.Onnx.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Execution;

/// <summary>A folder of models for one test, and short ways to load and ask them.</summary>
internal sealed class ModelFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-runtime-tests");

    /// <summary>The models that the repository holds.</summary>
    public static string Repository { get; } = InferenceOperator.Testing.Repository.File("models");

    public string Path => _folder.FullName;

    public string Write(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static RuntimeSettings Settings(int maxSize, double delayMs = 0) =>
        new()
        {
            Batching = new BatchingSettings { MaxSize = maxSize, MaxDelayMs = delayMs },
            Queue = new QueueSettings { MaxRequests = 100_000 },
        };

    public Task<ModelLoad> LoadAsync(ModelProto model, RuntimeSettings? settings = null) => LoadAsync(Write("model.onnx", model.Bytes()), settings);

    public static Task<ModelLoad> LoadAsync(string path, RuntimeSettings? settings = null, string? sha256 = null) => OnnxEngine.LoadAsync(
        new EngineOptions
        {
            ModelPath = path,
            Sha256 = sha256,
            Name = "m",
            Threads = 1,
            Settings = settings ?? new RuntimeSettings(),
            WarmUpMax = TimeSpan.FromMilliseconds(100),
        },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    public async Task<BatchingEngine> EngineAsync(ModelProto model, RuntimeSettings? settings = null) => Loaded(await LoadAsync(model, settings));

    public static BatchingEngine Loaded(ModelLoad load) => load switch
    {
        ModelLoad.Loaded loaded => loaded.Engine,
        ModelLoad.Rejected rejected => throw new Xunit.Sdk.XunitException($"rejected: {rejected.Reason}"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static string Reason(ModelLoad load) => Assert.IsType<ModelLoad.Rejected>(load).Reason;

    public static TensorContent Tensor<T>(long[] shape, params T[] elements)
        where T : unmanaged => new(shape, MemoryMarshal.AsBytes<T>(elements).ToArray());

    public static InferenceRequest Request(int rows, ulong wanted, params TensorContent[] inputs) =>
        new(inputs, rows, inputs.Sum(input => (long)input.Bytes.Length), wanted, 0, 0, long.MaxValue);

    public static async Task<InferenceOutcome> Ask(BatchingEngine engine, InferenceRequest request) =>
        await engine.InferAsync(request, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    public static async Task<InferenceOutcome.Answered> Answer(BatchingEngine engine, InferenceRequest request)
    {
        var outcome = await Ask(engine, request);
        return outcome as InferenceOutcome.Answered ?? throw new Xunit.Sdk.XunitException($"{outcome}");
    }

    public static T[] Elements<T>(TensorContent tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.Bytes.Span).ToArray();

    public void Dispose() => _folder.Delete(recursive: true);
}
