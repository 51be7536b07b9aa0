using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution.Padding;
using InferenceRuntime.Tracing;

namespace InferenceRuntime.Execution.Variants;

/// <summary>Several variants of one model, resident at once; the settings say which share of the requests each answers.</summary>
/// <remarks>
/// Each variant has its own queue, bounded by the settings, and its own workers. New shares count from the next request on; what waits is
/// answered by the variant that it waits for.
/// </remarks>
internal sealed class VariantEngine : IInferenceEngine, IAsyncDisposable
{
    private readonly ImmutableArray<ModelVariant> _variants;
    private readonly TimeProvider _clock;
    private readonly Lock _applying = new();
    private volatile VariantRoute _route;
    private volatile RuntimeSettings _settings;

    /// <param name="variants">The full model first; names differ, signatures agree; the engine disposes them.</param>
    /// <param name="settings">Valid settings, to which there is no <see cref="Objection"/>.</param>
    /// <param name="clock">The clock of all timestamps.</param>
    public VariantEngine(ImmutableArray<ModelVariant> variants, RuntimeSettings settings, TimeProvider clock)
    {
        _variants = variants;
        _settings = settings;
        _clock = clock;
        _route = new VariantRoute(variants, settings.Serving);
        Statistics = new EngineStatistics(
            clock.GetTimestamp(),
            clock.TimestampFrequency,
            [.. variants.Select(variant => KeyValuePair.Create(variant.Name, variant.Engine.Statistics))])
        {
            Placement = variants[0].Engine.Statistics.Placement,
        };
    }

    /// <inheritdoc/>
    public ModelSignature Signature => _variants[0].Engine.Signature;

    /// <inheritdoc/>
    public RuntimeSettings Settings => _settings;

    /// <inheritdoc/>
    public EngineStatistics Statistics { get; }

    /// <inheritdoc/>
    public ValueTask<InferenceOutcome> InferAsync(InferenceRequest request, CancellationToken cancellationToken)
    {
        Statistics.AddArrival(_clock.GetTimestamp(), request.Rows);
        var variant = _route.Next();
        if (request.Trace is SampledRequest trace)
        {
            trace.Variant = variant.Name;
        }

        return variant.Engine.InferAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public string? Objection(RuntimeSettings settings) =>
        PaddingPlan.Objection(settings, Signature) ?? VariantShares.Objection(settings, [.. _variants.Select(variant => variant.Name)]);

    /// <inheritdoc/>
    public void Apply(RuntimeSettings settings)
    {
        lock (_applying)
        {
            foreach (var variant in _variants)
            {
                variant.Engine.Apply(settings);
            }

            _settings = settings;
            _route = new VariantRoute(_variants, settings.Serving);
        }
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_variants.Select(variant => variant.Engine.DrainAsync(cancellationToken)));

    /// <inheritdoc cref="BatchingEngine.DisposeAsync"/>
    public async ValueTask DisposeAsync()
    {
        foreach (var variant in _variants)
        {
            await variant.Engine.DisposeAsync().ConfigureAwait(false);
        }
    }
}
