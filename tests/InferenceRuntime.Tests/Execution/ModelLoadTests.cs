using System.Globalization;
using System.Security.Cryptography;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Sessions;
using InferenceRuntime.Onnx.Schema;
using InferenceRuntime.Onnx.Tests;
using Microsoft.ML.OnnxRuntime;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Execution;

public sealed class ModelLoadTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_loaded_model_tells_its_hash_threads_and_signature()
    {
        var path = Path.Combine(ModelFolder.Repository, "digits-mlp.onnx");
        var sha256 = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(path)));

        var loaded = Assert.IsType<ModelLoad.Loaded>(await ModelFolder.LoadAsync(path, sha256: sha256));

        await using var engine = loaded.Engine;
        Assert.Equal(sha256.ToLowerInvariant(), loaded.Facts.Sha256);
        Assert.Equal(("CPUExecutionProvider", 1), (loaded.Facts.Placement.Provider, loaded.Facts.Threads));
        Assert.True(loaded.Facts.LoadTime > TimeSpan.Zero);
        Assert.Equal(("m", "1", "onnxruntime_onnx", true), (engine.Signature.Name, engine.Signature.Version, engine.Signature.Platform, engine.Signature.Batched));
        Assert.Equal(("pixels", Datatype.Fp32), (engine.Signature.Inputs[0].Name, engine.Signature.Inputs[0].Datatype));
        Assert.Equal([-1L, 64], engine.Signature.Inputs[0].Shape.ToArray());
        Assert.Equal([-1L, 10], engine.Signature.Outputs[0].Shape.ToArray());
        Assert.Equal(0, engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Executions.Count);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var path = Path.Combine(_folder.Path, "absent.onnx");

        Assert.Equal($"{path}: the file does not exist", ModelFolder.Reason(await ModelFolder.LoadAsync(path)));
    }

    [Fact]
    public async Task A_wrong_hash_is_told_with_both_hashes()
    {
        var path = _folder.Write("m.onnx", TinyModel.Identity(DataType.Float, "n").Bytes());
        var actual = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path)));

        Assert.Equal(
            $"{path}: sha256 mismatch: expected {new string('a', 64)}, actual {actual}",
            ModelFolder.Reason(await ModelFolder.LoadAsync(path, sha256: new string('a', 64))));
    }

    [Fact]
    public async Task Empty_foreign_and_truncated_files_are_rejected_with_what_they_are()
    {
        var whole = await File.ReadAllBytesAsync(Path.Combine(ModelFolder.Repository, "tumour-mlp.onnx"));

        Assert.Contains("it is empty", ModelFolder.Reason(await ModelFolder.LoadAsync(_folder.Write("a", []))), StringComparison.Ordinal);
        Assert.Contains("not an ONNX file", ModelFolder.Reason(await ModelFolder.LoadAsync(_folder.Write("b", "oops"u8.ToArray()))), StringComparison.Ordinal);
        Assert.Contains("truncated", ModelFolder.Reason(await ModelFolder.LoadAsync(_folder.Write("c", whole[..(whole.Length / 2)]))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_highest_operator_set_is_the_one_that_the_library_takes()
    {
        static ModelProto With(long version) => TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n")], [TinyModel.Value("y", DataType.Float, "n")], [TinyModel.Node("Identity", ["x"], ["y"])], version);

        await using (await _folder.EngineAsync(With(OnnxRuntimeLibrary.OperatorSetMax)))
        {
            OnnxRuntimeLibrary.Load();
            var next = With(OnnxRuntimeLibrary.OperatorSetMax + 1).Bytes();
            Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(next));
        }

        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"version {OnnxRuntimeLibrary.OperatorSetMax + 1} is newer than"),
            ModelFolder.Reason(await _folder.LoadAsync(With(OnnxRuntimeLibrary.OperatorSetMax + 1))),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_that_nobody_knows_is_named()
    {
        foreach (var domain in new[] { "com.example", string.Empty })
        {
            var model = TinyModel.Of(
                [TinyModel.Value("x", DataType.Float, "n")],
                [TinyModel.Value("y", DataType.Float, "n")],
                [TinyModel.Node("Frobnicate", ["x"], ["y"], domain)]);
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1 });

            Assert.EndsWith(
                $"operator Frobnicate of domain {(domain.Length == 0 ? "ai.onnx" : domain)}, node 'Frobnicate_y', is not known to ONNX Runtime",
                ModelFolder.Reason(await _folder.LoadAsync(model)),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_operator_without_an_implementation_for_its_type_is_named()
    {
        var model = TinyModel.Of(
            [TinyModel.Value("x", DataType.Bfloat16, "n")], [TinyModel.Value("y", DataType.Bfloat16, "n")], [TinyModel.Node("Erf", ["x"], ["y"])]);

        Assert.EndsWith(
            "operator Erf of domain ai.onnx, node 'Erf_y', has no implementation for these types on the processor",
            ModelFolder.Reason(await _folder.LoadAsync(model)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sequences_undeclared_inputs_foreign_types_and_too_many_outputs_are_rejected_by_name()
    {
        var sequence = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n")], [TinyModel.Value("y", DataType.Float, "n")], [TinyModel.Node("SequenceConstruct", ["x"], ["y"])]);
        sequence.Graph.Output[0].Type = new TypeProto
        {
            SequenceType = new TypeProto.Types.Sequence { ElemType = TinyModel.Value("e", DataType.Float, "n").Type },
        };
        var undeclared = TinyModel.Identity(DataType.Float, "n");
        undeclared.Graph.Input[0].Type.TensorType.Shape = null;
        var complex = TinyModel.Identity(DataType.Complex64, "n");
        var names = Enumerable.Range(0, 65).Select(i => $"y{i}").ToArray();
        var many = TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n")],
            [.. names.Select(name => TinyModel.Value(name, DataType.Float, "n"))],
            [.. names.Select(name => TinyModel.Node("Identity", ["x"], [name]))]);

        Assert.Contains("output 'y' is a sequence", ModelFolder.Reason(await _folder.LoadAsync(sequence)), StringComparison.Ordinal);
        Assert.Contains("input 'x' declares no shape", ModelFolder.Reason(await _folder.LoadAsync(undeclared)), StringComparison.Ordinal);
        Assert.Contains("input 'x' has element type COMPLEX64", ModelFolder.Reason(await _folder.LoadAsync(complex)), StringComparison.Ordinal);
        Assert.Contains("65 outputs", ModelFolder.Reason(await _folder.LoadAsync(many)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task External_data_is_read_from_beside_the_model_and_nowhere_else()
    {
        static ModelProto With(string location) => TinyModel.Of(
            [TinyModel.Value("x", DataType.Float, "n", 2)],
            [TinyModel.Value("y", DataType.Float, "n", 2)],
            [TinyModel.Node("Add", ["x", "w"], ["y"])]).WithExternalFloats("w", 2, location, offset: 8);

        Assert.Contains("'weights.bin' is missing", ModelFolder.Reason(await _folder.LoadAsync(With("weights.bin"))), StringComparison.Ordinal);
        Assert.Contains("leads out of the model's folder", ModelFolder.Reason(await _folder.LoadAsync(With("../weights.bin"))), StringComparison.Ordinal);

        _folder.Write("weights.bin", ModelFolder.Tensor<float>([4], 0, 0, 5, 6).Bytes.ToArray());
        await using var engine = await _folder.EngineAsync(With("weights.bin"));
        var answer = await ModelFolder.Answer(engine, ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 2], 1, 2)));
        Assert.Equal([6f, 8f], ModelFolder.Elements<float>(answer.Outputs[0]));
    }

    [Fact]
    public async Task Telemetry_is_off_in_the_native_environment()
    {
        await using var engine = await _folder.EngineAsync(TinyModel.Identity(DataType.Float, "n"));

        Assert.Equal("1", System.Runtime.InteropServices.Marshal.PtrToStringUTF8(NativeEnvironment.Get("ORT_DISABLE_TELEMETRY")));
    }

    [Fact]
    public async Task Options_out_of_range_are_a_broken_promise() => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => OnnxEngine.LoadAsync(
        new EngineOptions { ModelPath = "m", Name = "m", Instances = 0 },
        TimeProvider.System,
        Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
        CancellationToken.None));
}
