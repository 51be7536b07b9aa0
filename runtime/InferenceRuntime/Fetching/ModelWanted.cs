using System.Collections.Immutable;
using InferenceRuntime.Fetching.Sources;

namespace InferenceRuntime.Fetching;

/// <summary>A model that is to be brought.</summary>
/// <param name="Name">Under which it is found afterwards; a file name.</param>
/// <param name="Source">Where it is.</param>
/// <param name="Access">By what right it is read.</param>
/// <param name="Sha256">SHA-256 that its file must have, lower-case hexadecimal; null: any.</param>
/// <param name="DataSha256">SHA-256 by location that the files of its external data must have: all of them with <paramref name="Sha256"/>, else none.</param>
internal sealed record ModelWanted(string Name, FetchSource Source, SourceAccess Access, string? Sha256, ImmutableSortedDictionary<string, string> DataSha256);
