using System.Text;
using System.Text.Json;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Execution.Providers;
using InferenceRuntime.Execution.Processors;
using InferenceRuntime.Execution.Sessions;
using InferenceRuntime.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Tests.Execution.Providers;

public sealed class PlacementProfileTests
{
    private const string Cpu = "CPUExecutionProvider";
    private const string Cuda = "CUDAExecutionProvider";

    [Fact]
    public void Waiting_for_the_device_at_the_end_of_a_run_is_its_time()
    {
        // Kernels are started in 10 µs and done 500 µs later.
        var reading = Read(Node("MatMul_0", "MatMul", Cuda, 10, 10), Node("Top_1", "TopK", Cpu, 20, 200), Execution(5, 220), Run(0, 1000));

        Assert.Equal(new ModelPlacement(Cuda, 0.5, 790.0 / 990), reading.Placement); // 10 + (1000 − 220), and 200.
        Assert.Equal("TopK", Assert.Single(reading.OnProcessor));
    }

    [Fact]
    public void Copies_cost_the_accelerator_time_and_are_no_nodes_of_the_model()
    {
        var reading = Read(
            Node("Gather", "Gather", Cpu, 0, 100), Node("Memcpy", "MemcpyFromHost", Cuda, 100, 50), Node("MatMul", "MatMul", Cuda, 150, 150), Execution(0, 300), Run(0, 300));

        Assert.Equal(new ModelPlacement(Cuda, 0.5, 200.0 / 300), reading.Placement);
    }

    [Fact]
    public void A_node_with_a_subgraph_has_only_the_time_that_its_nodes_leave_it()
    {
        var reading = Read(
            Node("Loop", "Loop", Cpu, 0, 100), Node("Body", "MatMul", Cuda, 10, 60), Node("Count", "Add", Cpu, 70, 10), Node("After", "Add", Cuda, 100, 100), Execution(0, 200), Execution(5, 80), Run(0, 200));

        Assert.Equal(new ModelPlacement(Cuda, 0.5, 160.0 / 200), reading.Placement); // 60 and 100; 30 of the loop itself and 10.
    }

    [Fact]
    public void The_first_half_of_the_runs_which_compiles_and_allocates_does_not_count()
    {
        var reading = Read(
            Node("A", "MatMul", Cuda, 0, 5000), Node("B", "TopK", Cpu, 5000, 10), Execution(0, 5010), Run(0, 5010),
            Node("A", "MatMul", Cuda, 6000, 30), Node("B", "TopK", Cpu, 6030, 10), Execution(6000, 40), Run(6000, 40));

        Assert.Equal(new ModelPlacement(Cuda, 0.5, 0.75), reading.Placement);
    }

    [Fact]
    public void A_model_that_the_accelerator_took_nothing_of_has_none_of_its_time_there()
    {
        var reading = Read(Node("A", "QLinearConv", Cpu, 10, 80), Execution(5, 90), Run(0, 400));

        Assert.Equal(new ModelPlacement(Cuda, 0, 0), reading.Placement);
        Assert.Equal("QLinearConv", Assert.Single(reading.OnProcessor));
    }

    [Fact]
    public void Without_a_run_nothing_is_known() => Assert.Equal(new ModelPlacement(Cuda, null, null), Read().Placement);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("""[{"cat": "Node"}""")]
    public void What_is_no_profile_is_an_error_and_not_a_share(string text) =>
        Assert.ThrowsAny<JsonException>(() => PlacementProfile.Read(Encoding.UTF8.GetBytes(text), Cuda));

    [Fact]
    public void A_profile_that_this_onnx_runtime_wrote_is_understood()
    {
        var path = Repository.File("models", "digits-cnn.onnx");
        var model = File.ReadAllBytes(path);
        var summary = Assert.IsType<OnnxCheck.Accepted>(OnnxFile.Check(model, new OnnxLimits(OnnxRuntimeLibrary.OperatorSetMax))).Summary;
        var profile = new WarmUpProfile();
        var folder = Path.GetDirectoryName(profile.Prefix);
        var session = SessionFactory.Create(model, "/", new ThreadPlan(1, Spin: false), summary, new SessionPlace.Cpu(), profile.Prefix);
        session.Retain();
        using var input = OrtValue.CreateTensorValueFromMemory(new float[64], [1, 1, 8, 8]);
        using var options = new RunOptions();
        for (var i = 0; i < 4; i++)
        {
            session.Session.Run(options, [summary.Inputs[0].Name], [input], [summary.Outputs[0].Name]).Dispose();
        }

        var reading = profile.End(session.Session, Cuda);
        session.Release();

        Assert.Equal(new ModelPlacement(Cuda, 0, 0), reading.Placement);
        Assert.Contains("Conv", string.Join(' ', reading.OnProcessor), StringComparison.Ordinal);
        profile.Dispose();
        Assert.False(Directory.Exists(folder));
    }

    private static PlacementReading Read(params string[] events) => PlacementProfile.Read(Encoding.UTF8.GetBytes($"[{string.Join(',', events)}]"), Cuda);

    private static string Node(string name, string operation, string provider, long start, long duration) =>
        $$"""{"cat": "Node", "pid": 1, "tid": 1, "dur": {{duration}}, "ts": {{start}}, "ph": "X", "name": "{{name}}_kernel_time", "args": {"input_type_shape": [{"float": [4, 64]}], "provider": "{{provider}}", "node_index": "0", "op_name": "{{operation}}" } }""";

    private static string Execution(long start, long duration) =>
        $$"""{"cat": "Session", "pid": 1, "tid": 1, "dur": {{duration}}, "ts": {{start}}, "ph": "X", "name": "SequentialExecutor::Execute", "args": {} }""";

    private static string Run(long start, long duration) =>
        $$"""{"cat": "Session", "pid": 1, "tid": 1, "dur": {{duration}}, "ts": {{start}}, "ph": "X", "name": "model_run", "args": {} }""";
}
