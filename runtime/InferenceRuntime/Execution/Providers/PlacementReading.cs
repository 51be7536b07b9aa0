using System.Collections.Immutable;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Execution.Providers;

/// <summary>What a warm-up showed of where a model runs.</summary>
/// <param name="Placement">The shares.</param>
/// <param name="OnProcessor">Operators with a node on the processor, sorted; empty also when it could not be seen.</param>
internal sealed record PlacementReading(ModelPlacement Placement, ImmutableArray<string> OnProcessor);
