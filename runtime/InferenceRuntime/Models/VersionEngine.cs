using System.Runtime.CompilerServices;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Models;

/// <summary>The engine of one version, which counts who is inside so that it is known when nobody is.</summary>
/// <remarks>
/// Retired, it goes on answering while somebody is inside and takes nobody once it was empty: the answer is then
/// <see cref="InferenceOutcome.Draining"/>, and who gets it asks the repository again.
/// </remarks>
internal sealed class VersionEngine(IInferenceEngine inner) : IInferenceEngine
{
    private const long Inside = (1L << 40) - 1;
    private const long Retiring = 1L << 40;
    private const long Closed = 1L << 41;

    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // How many are inside, and the two flags.
    private long _state;

    /// <inheritdoc/>
    public ModelSignature Signature => inner.Signature;

    /// <inheritdoc/>
    public RuntimeSettings Settings => inner.Settings;

    /// <inheritdoc/>
    public EngineStatistics Statistics => inner.Statistics;

    /// <inheritdoc/>
    public CacheSnapshot? Cache => inner.Cache;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        if (!TryEnter())
        {
            return new InferenceOutcome.Draining();
        }

        try
        {
            return await inner.InferAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public InferenceOutcome.QueueFull? TurnAwayUnread() => inner.TurnAwayUnread();

    /// <inheritdoc/>
    public string? Objection(RuntimeSettings settings) => inner.Objection(settings);

    /// <inheritdoc/>
    public void Apply(RuntimeSettings settings) => inner.Apply(settings);

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken) => inner.DrainAsync(cancellationToken);

    /// <summary>Waits until nobody is inside and takes nobody from then on; complete when everything accepted was answered.</summary>
    /// <param name="openFor">How long, at most, others may still enter while somebody is inside.</param>
    /// <param name="clock">Measures that.</param>
    public async Task RetireAsync(TimeSpan openFor, TimeProvider clock)
    {
        Interlocked.Or(ref _state, Retiring);
        TryClose();
        if (openFor > TimeSpan.Zero)
        {
            await _left.Task.WaitAsync(openFor, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if ((Interlocked.Or(ref _state, Closed) & Inside) == 0)
        {
            _left.TrySetResult();
        }

        await _left.Task.ConfigureAwait(false);
        await inner.DrainAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private bool TryEnter()
    {
        var seen = Volatile.Read(ref _state);
        while ((seen & Closed) == 0)
        {
            var before = Interlocked.CompareExchange(ref _state, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    private void Leave()
    {
        var left = Interlocked.Decrement(ref _state);
        if (left == Retiring)
        {
            TryClose();
        }
        else if (left == (Retiring | Closed))
        {
            _left.TrySetResult();
        }
    }

    private void TryClose()
    {
        if (Interlocked.CompareExchange(ref _state, Retiring | Closed, Retiring) == Retiring)
        {
            _left.TrySetResult();
        }
    }
}
