using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Tests.Transport;

/// <summary>An engine that obeys the contract and answers each input as the output of the same place, copied.</summary>
internal sealed class EchoEngine(ModelSignature signature) : IInferenceEngine
{
    private readonly TaskCompletionSource _drained = new();
    private int _running;

    /// <summary>Answers in place of the echo, when it is set.</summary>
    public Func<InferenceRequest, InferenceOutcome?>? Answer { get; set; }

    /// <summary>What requests are turned away with before they are read; null: they are not.</summary>
    public InferenceOutcome.QueueFull? Full { get; set; }

    /// <summary>Requests wait for this before they are answered.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Completes when a request has arrived since this was set.</summary>
    public TaskCompletionSource Arrived { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Outputs whose memory was given back.</summary>
    public int Releases { get; private set; }

    public InferenceRequest? Last { get; private set; }

    public ModelSignature Signature => signature;

    public RuntimeSettings Settings { get; private set; } = new();

    public EngineStatistics Statistics { get; } = new(TimeProvider.System.GetTimestamp(), TimeProvider.System.TimestampFrequency);

    public static ModelSignature Model(bool batched, params (string Name, Datatype Datatype, long[] Shape)[] tensors)
    {
        ImmutableArray<TensorSpec> specs = [.. tensors.Select(static t => new TensorSpec(t.Name, t.Datatype, [.. t.Shape]))];
        return new ModelSignature("echo", "1", "test_echo", specs, [.. specs.Select(static s => s with { Name = $"{s.Name}_out" })], batched);
    }

    public async ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _running);
        try
        {
            Last = request;
            Arrived.TrySetResult();
            await Gate;
            return cancellationToken.IsCancellationRequested ? new InferenceOutcome.Cancelled() : Answer?.Invoke(request) ?? Echo(request);
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0)
            {
                _drained.TrySetResult();
            }
        }
    }

    public InferenceOutcome.QueueFull? TurnAwayUnread() => Full;

    public void Apply(RuntimeSettings settings) => Settings = settings;

    public Task DrainAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _running) == 0 ? Task.CompletedTask : _drained.Task.WaitAsync(cancellationToken);

    private InferenceOutcome.Answered Echo(InferenceRequest request)
    {
        var outputs = request.Inputs.Select(static i => new TensorContent(i.Shape.ToArray(), i.Bytes.ToArray())).ToArray();
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = (request.OutputsWanted & (1UL << i)) != 0 ? outputs[i] : default;
        }

        return new InferenceOutcome.Answered(outputs, default, () => Releases++);
    }
}
