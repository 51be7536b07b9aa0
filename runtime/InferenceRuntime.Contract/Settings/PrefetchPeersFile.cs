namespace InferenceRuntime.Contract;

/// <summary>
/// The file beside the settings that names replicas of the same model, which a replica that starts asks for their cached responses:
/// the root of an admin port a line, <c>http://HOST:PORT</c>. A host name may stand for several replicas.
/// </summary>
/// <remarks>
/// A file of its own: peers are no setting of a replica that runs, and on the command line they would restart every pod whenever
/// a cache is declared or taken away.
/// </remarks>
public static class PrefetchPeersFile
{
    /// <summary>Its name, in the folder of the settings.</summary>
    public const string Name = "prefetch-peers";

    /// <summary>Longest file that is read, bytes; what comes after is ignored.</summary>
    public const int LengthMax = 4096;

    /// <summary>The file's text.</summary>
    /// <param name="peers">Roots of admin ports, in the order in which they are asked.</param>
    public static string Write(IEnumerable<Uri> peers) => string.Concat(peers.Select(static peer => $"{peer.Scheme}://{peer.Authority}\n"));

    /// <summary>The addresses in the text; lines that hold none are left out.</summary>
    public static IEnumerable<Uri> Read(string text) => text
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => Uri.TryCreate(line, UriKind.Absolute, out var peer) && peer.Scheme == Uri.UriSchemeHttp ? peer : null)
        .OfType<Uri>();
}
