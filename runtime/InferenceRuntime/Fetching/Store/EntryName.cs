using System.Security.Cryptography;
using System.Text;

namespace InferenceRuntime.Fetching.Store;

/// <summary>Names of stored models: equal names mean equal bytes, whoever stored them and when.</summary>
internal static class EntryName
{
    private const string ContentMark = "sha256-";

    /// <summary>By content: what the model's file and its external data hold.</summary>
    /// <param name="sha256">Of the model's file.</param>
    /// <param name="data">SHA-256 by location of each file of external data.</param>
    public static string OfContent(string sha256, IReadOnlyDictionary<string, string> data) =>
        data.Count == 0 ? $"{ContentMark}{sha256}" : $"{ContentMark}{sha256}-{Digest(data.OrderBy(static file => file.Key, StringComparer.Ordinal).Select(static file => $"{file.Key}\n{file.Value}"))[..16]}";

    /// <summary>By content, as a stored model describes it.</summary>
    public static string OfContent(StoredModel model) =>
        OfContent(model.Files[0].Sha256, model.Files.Skip(1).ToDictionary(static file => file.Path, static file => file.Sha256, StringComparer.Ordinal));

    /// <summary>Whether a name and a description can be of one model: a name by content says what the files have to be, and the document beside them is not to be believed.</summary>
    public static bool Fits(string entry, StoredModel model) => !entry.StartsWith(ContentMark, StringComparison.Ordinal) || entry == OfContent(model);

    /// <summary>How all names of one version of a file at one place begin.</summary>
    public static string OfVersion(string identity, string tag) => $"etag-{Digest([identity, tag])}";

    /// <summary>By versions: what the source calls the model's file and its external data.</summary>
    /// <param name="version">From <see cref="OfVersion"/>.</param>
    /// <param name="data">Entity tag by location of each file of external data.</param>
    public static string OfVersions(string version, IReadOnlyDictionary<string, string> data) =>
        data.Count == 0 ? version : $"{version}-{Digest(data.OrderBy(static file => file.Key, StringComparer.Ordinal).Select(static file => $"{file.Key}\n{file.Value}"))[..16]}";

    private static string Digest(IEnumerable<string> parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))));
}
