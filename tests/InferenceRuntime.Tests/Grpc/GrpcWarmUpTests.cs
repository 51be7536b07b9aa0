using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc;
using InferenceRuntime.Tests.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Grpc;

public sealed class GrpcWarmUpTests
{
    [Fact]
    public async Task Zeros_of_every_datatype_are_answered()
    {
        var signature = EchoEngine.Model(batched: true, [.. Enum.GetValues<Datatype>().Select(static d => ($"{d}", d, (long[])[-1, 3, -1]))]);

        Assert.InRange(await GrpcWarmUp.RunAsync(signature, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None), 1, GrpcWarmUp.CallsMax);
    }

    [Fact]
    public async Task A_model_with_a_huge_input_stays_cold()
    {
        var signature = EchoEngine.Model(batched: true, ("x", Datatype.Fp64, [-1, 1 << 20]));

        Assert.Equal(0, await GrpcWarmUp.RunAsync(signature, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None));
    }
}
