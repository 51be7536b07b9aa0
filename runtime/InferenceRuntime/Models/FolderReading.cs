using System.Collections.Immutable;

namespace InferenceRuntime.Models;

/// <summary>What was found in a folder.</summary>
/// <param name="Found">What can be used, in order.</param>
/// <param name="PassedOver">Names of the rest and why, fit for a log.</param>
internal sealed record FolderReading<T>(ImmutableArray<T> Found, ImmutableArray<string> PassedOver);
