using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Tests.Caching;

/// <summary>An engine that counts what it computes, answers the input plus one, and stops at a gate when there is one.</summary>
internal sealed class GatedEngine(ModelSignature signature, TimeProvider clock) : IInferenceEngine
{
    private readonly SemaphoreSlim _entered = new(0);
    private int _computed;
    private int _released;

    public SemaphoreSlim? Gate { get; set; }

    /// <summary>Answers in place of the computation, when it gives something.</summary>
    public Func<InferenceRequest, InferenceOutcome?>? Instead { get; set; }

    /// <summary>What a computation is said to take.</summary>
    public TimeSpan Compute { get; set; } = TimeSpan.FromMilliseconds(5);

    public int Computed => Volatile.Read(ref _computed);

    public int Released => Volatile.Read(ref _released);

    public ModelSignature Signature => signature;

    public RuntimeSettings Settings { get; private set; } = new();

    public EngineStatistics Statistics { get; } = new(clock.GetTimestamp(), clock.TimestampFrequency);

    /// <summary>Completes when one more computation has begun.</summary>
    public Task Begins() => _entered.WaitAsync().WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _computed);
        _entered.Release();
        if (Gate is { } gate)
        {
            try
            {
                await gate.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return new InferenceOutcome.Cancelled();
            }
        }

        if (Instead?.Invoke(request) is { } outcome)
        {
            return outcome;
        }

        var output = request.Inputs[0].Bytes.ToArray();
        for (var i = 0; i < output.Length; i++)
        {
            output[i]++;
        }

        Statistics.AddExecution(request.Rows, new ExecutionTimes(TimeSpan.Zero, Compute, TimeSpan.Zero), DateTimeOffset.UnixEpoch);
        return new InferenceOutcome.Answered(
            [new TensorContent(request.Inputs[0].Shape.ToArray(), output)],
            new PhaseTimes(TimeSpan.Zero, Compute, TimeSpan.Zero),
            () =>
            {
                // Given back: whoever still reads it reads rubbish.
                output.AsSpan().Fill(0xEE);
                Interlocked.Increment(ref _released);
            });
    }

    public void Apply(RuntimeSettings settings) => Settings = settings;

    public Task DrainAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
