using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Execution;

/// <summary>What was found while a model was loaded.</summary>
/// <param name="Sha256">Of the model file, 64 lower-case hexadecimal digits.</param>
/// <param name="Placement">On what it runs.</param>
/// <param name="Threads">Threads that one execution uses.</param>
/// <param name="LoadTime">From the start of reading to the end of warm-up.</param>
internal sealed record ModelFacts(string Sha256, ModelPlacement Placement, int Threads, TimeSpan LoadTime);
