using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Contract;
using InferenceRuntime.Execution;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Tests.Execution;
using InferenceRuntime.Tests.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>A real queue in front of a simulated model: UINT8, one column.</summary>
internal static class QueuedEngine
{
    public static BatchingEngine Of(SimulatedInstance instance) => new(
        EchoEngine.Model(batched: true, ("x", Datatype.UInt8, [-1])), [instance],
        new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 8 } }, TimeProvider.System, NullLogger.Instance);

    public static ModelInferRequest Request(params byte[] rows) => Requests.Raw(("x", "UINT8", [rows.Length], rows));
}
