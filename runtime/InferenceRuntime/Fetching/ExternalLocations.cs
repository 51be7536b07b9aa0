using System.Collections.Immutable;
using InferenceRuntime.Fetching.Sources;
using InferenceRuntime.Fetching.Store;
using InferenceRuntime.Onnx;

namespace InferenceRuntime.Fetching;

/// <summary>Finds out which files belong to a model beside its own.</summary>
internal static class ExternalLocations
{
    /// <summary>The locations that a model's tensors name, each once, without <c>.</c> parts, sorted.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="source">Where it came from, for the reason.</param>
    /// <param name="countMax">Most that are allowed.</param>
    /// <exception cref="FetchException">It is no model, or names what cannot be a file beside it.</exception>
    public static ImmutableArray<string> Read(string path, FetchSource source, int countMax)
    {
        if (new FileInfo(path).Length > OnnxLimits.FileBytesMax)
        {
            throw new FetchException(FetchFault.NotAModel, $"{source}: it has more than the {OnnxLimits.FileBytesMax} bytes that an ONNX file can have; keep the weights in external data");
        }

        // Whether the runtime knows its operators is said where it is loaded.
        switch (OnnxFile.Check(File.ReadAllBytes(path), new OnnxLimits(long.MaxValue)))
        {
            case OnnxCheck.Accepted accepted:
                var locations = accepted.Summary.ExternalFiles.Select(piece => Plain(piece.Location, source)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToImmutableArray();
                return locations.Length <= countMax
                    ? locations
                    : throw new FetchException(FetchFault.NotAModel, $"{source}: it has {locations.Length} files of external data, at most {countMax} are allowed");
            case OnnxCheck.Rejected rejected:
                throw new FetchException(FetchFault.NotAModel, $"{source}: it is not an ONNX model: {rejected.Reason}");
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string Plain(string location, FetchSource source)
    {
        var parts = location.Split('/').Where(static part => part != ".").ToList();
        var plain = string.Join('/', parts);
        return parts.Count > 0 && !parts.Contains("") && !parts.Contains("..") && !location.Contains('\\', StringComparison.Ordinal)
            && plain is not ModelStore.ModelFile and not ModelStore.EntryFile
            ? plain
            : throw new FetchException(FetchFault.NotAModel, $"{source}: its external data '{location}' cannot be fetched: the location has to be the plain path of another file beside the model's, and not {ModelStore.ModelFile} or {ModelStore.EntryFile}");
    }
}
