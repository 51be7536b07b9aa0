using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Shadowing;

/// <summary>Lets some of what an engine computes be compared by another replica. The answer is given as soon as it is copied.</summary>
/// <param name="inner">The engine that computes.</param>
/// <param name="sender">Where copies go; null: this replica has no token that another would take.</param>
internal sealed class ShadowingEngine(IInferenceEngine inner, ShadowSender? sender) : IInferenceEngine
{
    /// <inheritdoc/>
    public ModelSignature Signature => inner.Signature;

    /// <inheritdoc/>
    public EngineStatistics Statistics => inner.Statistics;

    /// <inheritdoc/>
    public RuntimeSettings Settings => inner.Settings;

    /// <inheritdoc/>
    public string? Objection(RuntimeSettings settings) =>
        settings.Shadow is not null && sender is null ? "shadow: this replica was started without --admin-token-file" : inner.Objection(settings);

    /// <inheritdoc/>
    public void Apply(RuntimeSettings settings)
    {
        inner.Apply(settings);
        sender?.Point(settings.Shadow);
    }

    /// <inheritdoc/>
    public ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken) =>
        sender is not null && sender.Picks() ? CopyAsync(sender, request, cancellationToken) : inner.InferAsync(request, cancellationToken);

    /// <inheritdoc/>
    public InferenceOutcome.QueueFull? TurnAwayUnread() => inner.TurnAwayUnread();

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken) => inner.DrainAsync(cancellationToken);

    private async ValueTask<InferenceOutcome> CopyAsync(ShadowSender to, InferenceRequest request, CancellationToken cancellationToken)
    {
        var outcome = await inner.InferAsync(request, cancellationToken).ConfigureAwait(false);
        if (outcome is InferenceOutcome.Answered answered)
        {
            to.Offer(request, answered.Outputs);
        }

        return outcome;
    }
}
