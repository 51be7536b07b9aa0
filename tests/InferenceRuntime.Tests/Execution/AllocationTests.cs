using InferenceRuntime.Core.Serving;
using InferenceRuntime.Onnx.Tests;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Execution;

/// <summary>Runs when nothing else runs in the process: it counts what the whole process allocates.</summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    [Fact]
    public async Task A_request_allocates_next_to_nothing()
    {
        const int Requests = 2000;
        using var folder = new ModelFolder();
        await using var engine = await folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", 4));
        var request = ModelFolder.Request(1, 1, ModelFolder.Tensor<float>([1, 4], 1, 2, 3, 4));
        await AskAgainAndAgain();
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await AskAgainAndAgain();

        // The answer itself is an object of 56 bytes, and so is the task of an await that has to wait; everything else is pooled.
        var perRequest = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Requests;
        Assert.True(perRequest < 300, $"{perRequest} bytes a request");

        async Task AskAgainAndAgain()
        {
            for (var i = 0; i < Requests; i++)
            {
                var outcome = await engine.InferAsync(request, CancellationToken.None);
                Assert.IsType<InferenceOutcome.Answered>(outcome).Release!(); // Outputs of real instances are always lent.
            }
        }
    }
}
