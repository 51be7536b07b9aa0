using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport;

/// <summary>Answers every request with zeros and runs nothing: what the ports are warmed up with.</summary>
internal sealed class ZeroEngine(ModelSignature signature, TimeProvider clock) : IInferenceEngine
{
    private readonly TensorContent[] _outputs = [.. signature.Outputs.Select(static o => Zeros(o, long.MaxValue)!.Value)];

    public ModelSignature Signature => signature;

    public RuntimeSettings Settings { get; } = new();

    public EngineStatistics Statistics { get; } = new(clock.GetTimestamp(), clock.TimestampFrequency);

    /// <summary>Zeros, or empty texts, of a tensor whose open axes have length 1; null when they take more than the limit.</summary>
    public static TensorContent? Zeros(TensorSpec spec, long bytesMax)
    {
        long[] shape = [.. spec.Shape.Select(static d => d < 0 ? 1 : d)];
        // An empty text is its length alone: four zeros.
        var bytes = TensorShape.Bytes(TensorShape.Elements(shape), spec.Datatype == Datatype.Bytes ? BytesElements.PrefixSize : spec.Datatype.ElementSize());
        return bytes >= 0 && bytes <= Math.Min(bytesMax, Array.MaxLength) ? new TensorContent(shape, new byte[bytes]) : null;
    }

    public ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken) =>
        new(new InferenceOutcome.Answered(_outputs, default, Release: null));

    public void Apply(RuntimeSettings settings)
    {
        // Zeros need no settings.
    }

    public Task DrainAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
