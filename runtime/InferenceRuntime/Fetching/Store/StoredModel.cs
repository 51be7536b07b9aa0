using System.Collections.Immutable;

namespace InferenceRuntime.Fetching.Store;

/// <summary>What a stored model says of itself: the document beside its files.</summary>
/// <param name="Source">Where it came from, without a query.</param>
/// <param name="Files">The model itself first, then its external data.</param>
internal sealed record StoredModel(string Source, ImmutableArray<StoredFile> Files)
{
    /// <summary>Of all files.</summary>
    public long Bytes => Files.Sum(static file => file.Bytes);
}
