using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport;

/// <summary>Answers every request with zeros and runs nothing: what the ports are warmed up with.</summary>
internal sealed class ZeroEngine(ModelSignature signature, TimeProvider clock) : IInferenceEngine
{
    private readonly TensorContent[] _outputs = [.. signature.Outputs.Select(Zeros)];

    public ModelSignature Signature => signature;

    public RuntimeSettings Settings { get; } = new();

    public EngineStatistics Statistics { get; } = new(clock.GetTimestamp(), clock.TimestampFrequency);

    /// <summary>Zeros of a tensor of fixed-size elements whose open axes have length 1.</summary>
    public static TensorContent Zeros(TensorSpec spec)
    {
        long[] shape = [.. spec.Shape.Select(static d => d < 0 ? 1 : d)];
        return new TensorContent(shape, new byte[TensorShape.Bytes(TensorShape.Elements(shape), spec.Datatype.ElementSize())]);
    }

    public ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken) =>
        new(new InferenceOutcome.Answered(_outputs, default, Release: null));

    public void Apply(RuntimeSettings settings)
    {
        // Zeros need no settings.
    }

    public Task DrainAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
