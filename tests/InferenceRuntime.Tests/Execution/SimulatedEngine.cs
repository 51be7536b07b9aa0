using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Execution;

/// <summary>Short ways to an engine over simulated instances, whose requests are rows of one byte.</summary>
internal static class SimulatedEngine
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    public static BatchingEngine Of(SimulatedInstance instance, TimeProvider clock, RuntimeSettings? settings = null, bool batched = true) =>
        new(Signature(batched), [instance], settings ?? new RuntimeSettings(), clock, NullLogger.Instance);

    public static ModelSignature Signature(bool batched) => new(
        "m", "1", "simulated", [new TensorSpec("x", Datatype.UInt8, [-1])], [new TensorSpec("y", Datatype.UInt8, [-1])], batched);

    /// <summary>A request whose first byte tells it apart; <see cref="SimulatedInstance"/> reads it too.</summary>
    public static InferenceRequest Request(byte first, int rows = 1)
    {
        var bytes = new byte[rows];
        bytes[0] = first;
        return new InferenceRequest([new TensorContent(new long[] { rows }, bytes)], rows, rows, 1, 0, 0, long.MaxValue);
    }

    public static Task<InferenceOutcome> Send(IInferenceEngine engine, InferenceRequest request) => Send(engine, request, CancellationToken.None);

    public static Task<InferenceOutcome> Send(IInferenceEngine engine, InferenceRequest request, CancellationToken cancellationToken) =>
        engine.InferAsync(request, cancellationToken).AsTask();

    /// <summary>A request of rows that count up from <paramref name="first"/>.</summary>
    public static InferenceRequest Counting(byte first, int rows)
    {
        var bytes = Enumerable.Range(first, rows).Select(i => (byte)i).ToArray();
        return new InferenceRequest([new TensorContent(new long[] { rows }, bytes)], rows, rows, 1, 0, 0, long.MaxValue);
    }

    /// <summary>The outcome, which must come.</summary>
    public static Task<InferenceOutcome> Soon(Task<InferenceOutcome> outcome) => outcome.WaitAsync(Generous);
}
