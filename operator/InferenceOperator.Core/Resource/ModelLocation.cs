using System.Diagnostics.CodeAnalysis;

namespace InferenceOperator.Core.Resource;

/// <summary>Where <see cref="ModelSpec.Uri"/> points.</summary>
public abstract record ModelLocation
{
    private ModelLocation()
    {
    }

    /// <summary>A file on this machine; only the local mode has it.</summary>
    /// <param name="Path">As written after <c>file://</c>; absolute, or relative to the manifest's folder.</param>
    public sealed record LocalFile(string Path) : ModelLocation;

    /// <summary>A file on a PersistentVolumeClaim of the agent's namespace.</summary>
    /// <param name="Claim">Name of the claim.</param>
    /// <param name="Path">Path inside the volume, relative, without <c>..</c>.</param>
    public sealed record VolumeClaim(string Claim, string Path) : ModelLocation;

    /// <summary>A file on a web server, over TLS. It is fetched before it is served.</summary>
    /// <param name="Address">All of the address.</param>
    public sealed record HttpsFile(Uri Address) : ModelLocation;

    /// <summary>An object of a store that speaks as Amazon S3 does. It is fetched before it is served.</summary>
    /// <param name="Bucket">Its bucket.</param>
    /// <param name="Key">Its key, without <c>.</c> and <c>..</c> parts.</param>
    public sealed record S3Object(string Bucket, string Key) : ModelLocation;

    /// <summary>A file of a container image, which the cluster mounts as a volume.</summary>
    /// <param name="Reference">The image, <c>registry/repository:tag</c> or <c>…@digest</c>.</param>
    /// <param name="Path">Path inside the image, relative, without <c>..</c>.</param>
    public sealed record ImageFile(string Reference, string Path) : ModelLocation
    {
        /// <summary>The path when the address names none.</summary>
        public const string DefaultPath = "model.onnx";
    }

    /// <summary>Whether its file is fetched before it is served.</summary>
    public bool IsFetched => this is HttpsFile or S3Object;

    /// <exception cref="FormatException">The address is malformed; the message says how.</exception>
    public static ModelLocation Parse(string uri) => TryParse(uri, out var location, out var error) ? location : throw new FormatException(error);

    /// <param name="uri">The address as written.</param>
    /// <param name="location">The place, when true is returned.</param>
    /// <param name="error">What is wrong, when false is returned.</param>
    public static bool TryParse(string uri, [NotNullWhen(true)] out ModelLocation? location, [NotNullWhen(false)] out string? error)
    {
        (location, error) = uri.Split("://", 2) switch
        {
            ["file", var path] => path.Length > 0
                ? (new LocalFile(path), null)
                : Wrong($"'{uri}' names no file: write file:///path/model.onnx"),
            ["pvc", var rest] => ParseClaim(uri, rest),
            ["https", _] => ParseHttps(uri),
            ["s3", var rest] => ParseS3(uri, rest),
            ["oci", var rest] => ParseImage(uri, rest),
            _ => Wrong($"'{uri}' starts with none of file://, pvc://, https://, s3:// and oci://"),
        };
        return location is not null;
    }

    private static (ModelLocation? Location, string? Error) Wrong(string error) => (null, error);

    private static (ModelLocation? Location, string? Error) ParseClaim(string uri, string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 || slash == rest.Length - 1 ? Wrong($"'{uri}' needs a claim and a path: write pvc://claim/path/model.onnx")
            : LeadsOut(rest[(slash + 1)..]) ? Wrong($"'{uri}' has an empty, '.' or '..' part in its path")
            : (new VolumeClaim(rest[..slash], rest[(slash + 1)..]), null);
    }

    // What is wrong with an address that may hold a secret is said without it.
    private static (ModelLocation? Location, string? Error) ParseHttps(string uri) =>
        !Uri.TryCreate(uri, UriKind.Absolute, out var address) || address.Host.Length == 0 ? Wrong("the https:// address cannot be read")
        : address.UserInfo.Length > 0 ? Wrong("an https:// address must not hold credentials: put them into the Secret that auth.secretName names")
        : address.Fragment.Length > 0 ? Wrong("an https:// address of a model has no '#' part")
        : address.AbsolutePath.EndsWith('/') ? Wrong($"'{address.GetLeftPart(UriPartial.Path)}' names no file: write https://host/path/model.onnx")
        : (new HttpsFile(address), null);

    private static (ModelLocation? Location, string? Error) ParseS3(string uri, string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? rest : rest[..slash];
        return slash < 0 || slash == rest.Length - 1 || bucket.Length is < 3 or > 63 || !char.IsAsciiLetterOrDigit(bucket[0]) || !bucket.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
                ? Wrong($"'{uri}' needs a bucket and a key: write s3://bucket/path/model.onnx")
            : LeadsOut(rest[(slash + 1)..]) ? Wrong($"'{uri}' has an empty, '.' or '..' part in its key")
            : (new S3Object(bucket, rest[(slash + 1)..]), null);
    }

    private static (ModelLocation? Location, string? Error) ParseImage(string uri, string rest)
    {
        var hash = rest.IndexOf('#', StringComparison.Ordinal);
        var (reference, path) = hash < 0 ? (rest, ImageFile.DefaultPath) : (rest[..hash], rest[(hash + 1)..]);
        return LeadsOut(reference) || !reference.Contains('/', StringComparison.Ordinal) || !reference.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/' or '@')
                ? Wrong($"'{uri}' names no image: write oci://registry/repository:tag#path/model.onnx")
            : LeadsOut(path) ? Wrong($"'{uri}' has an empty, '.' or '..' part in the path behind '#'")
            : (new ImageFile(reference, path), null);
    }

    private static bool LeadsOut(string path) => path.Split('/').Any(static part => part is "" or "." or "..");
}
