using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Shadowing;
using InferenceRuntime.Telemetry;

namespace InferenceRuntime.Observability;

/// <summary>All that <c>/metrics</c> shows, read at one moment.</summary>
/// <param name="Requests">The requests.</param>
/// <param name="Engine">The engine's sums; null until the model is loaded.</param>
/// <param name="Settings">The settings in force.</param>
/// <param name="Ready">Whether the replica is ready.</param>
/// <param name="StartUp">From process start to ready; null before.</param>
/// <param name="Process">The process.</param>
/// <param name="Cache">The cache of responses; null until the model is loaded.</param>
internal sealed record MetricsReading(
    RequestSnapshot Requests,
    EngineSnapshot? Engine,
    RuntimeSettings Settings,
    bool Ready,
    TimeSpan? StartUp,
    ProcessFacts Process,
    CacheSnapshot? Cache)
{
    /// <summary>The models that are counted apart; empty where there is one, which is all of this.</summary>
    public ImmutableArray<ModelReading> Models { get; init; } = [];

    /// <summary>What shadowing did.</summary>
    public ShadowSnapshot Shadow { get; init; }

    /// <summary>What became of the spans of traces; null while no traces are asked for.</summary>
    public SpanCounts? Spans { get; init; }

    /// <summary>Versions that are announced for later, by the place of their stage in <see cref="AnnouncedStages.All"/>.</summary>
    public ImmutableArray<int> Announced { get; init; } = [.. AnnouncedStages.All.Select(static _ => 0)];

    /// <summary>Memory that those take before they serve, bytes.</summary>
    public long AnnouncedBytes { get; init; }
}
