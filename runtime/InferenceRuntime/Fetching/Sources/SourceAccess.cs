using System.Text;

namespace InferenceRuntime.Fetching.Sources;

/// <summary>By what right a source is read: the files of a mounted Secret. Its text form names the files' folder alone.</summary>
internal sealed class SourceAccess
{
    private const int FileBytesMax = 1 << 20;

    private readonly string _folder;

    private SourceAccess(string folder) => _folder = folder;

    /// <summary>Nothing: what anybody may read.</summary>
    public static SourceAccess Anonymous { get; } = new("");

    /// <summary>Value of the header <c>Authorization</c> for https: from <c>token</c>, or <c>username</c> and <c>password</c>; null: none.</summary>
    public string? Authorization { get; private init; }

    /// <summary>From <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c>, <c>AWS_SESSION_TOKEN</c>; null: requests are not signed.</summary>
    public AwsKey? Key { get; private init; }

    /// <summary>From <c>AWS_REGION</c> or <c>AWS_DEFAULT_REGION</c>; null: not said.</summary>
    public string? Region { get; private init; }

    /// <summary>From <c>AWS_ENDPOINT_URL_S3</c> or <c>AWS_ENDPOINT_URL</c>: a store other than Amazon's; null: Amazon's.</summary>
    public Uri? Endpoint { get; private init; }

    /// <summary>From <c>AWS_S3_ADDRESSING_STYLE</c>, <c>path</c> or <c>virtual</c>: whether the bucket stands in the path; null: not said.</summary>
    public bool? BucketInPath { get; private init; }

    /// <summary>From <c>ca.crt</c>: the certificates, PEM, that are trusted in place of the machine's; null: the machine's.</summary>
    public string? Authorities { get; private init; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="FetchException">They cannot be read, or do not go together.</exception>
    public static SourceAccess Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new FetchException(FetchFault.Denied, $"the credentials' folder {folder} does not exist");
        }

        var (id, secret) = (Text(folder, "AWS_ACCESS_KEY_ID"), Text(folder, "AWS_SECRET_ACCESS_KEY"));
        if (id is null != secret is null)
        {
            throw new FetchException(FetchFault.Denied, "the credentials have one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, both are needed");
        }

        return new SourceAccess(folder)
        {
            Authorization = AuthorizationOf(folder),
            Key = id is null ? null : new AwsKey(id, secret!, Text(folder, "AWS_SESSION_TOKEN")), // Both or none.
            Region = Text(folder, "AWS_REGION") ?? Text(folder, "AWS_DEFAULT_REGION"),
            Endpoint = EndpointOf(Text(folder, "AWS_ENDPOINT_URL_S3") ?? Text(folder, "AWS_ENDPOINT_URL")),
            BucketInPath = Text(folder, "AWS_S3_ADDRESSING_STYLE") switch
            {
                null => null,
                "path" => true,
                "virtual" => false,
                _ => throw new FetchException(FetchFault.Denied, "AWS_S3_ADDRESSING_STYLE is neither path nor virtual"),
            },
            Authorities = Text(folder, "ca.crt"),
        };
    }

    public override string ToString() => _folder;

    private static string? AuthorizationOf(string folder)
    {
        if (Text(folder, "token") is { } token)
        {
            return token.All(static c => c is > ' ' and < '\u007f')
                ? $"Bearer {token}" : throw new FetchException(FetchFault.Denied, "the credentials' token has characters that no token has");
        }

        return Text(folder, "username") is { } user
            ? $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{Text(folder, "password")}"))}"
            : null;
    }

    private static Uri? EndpointOf(string? text) => text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
            && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            ? uri : throw new FetchException(FetchFault.Denied, "AWS_ENDPOINT_URL is not an address such as https://minio.storage.svc:9000");

    private static string? Text(string folder, string name)
    {
        try
        {
            var file = new FileInfo(Path.Combine(folder, name));
            return !file.Exists ? null
                : file.Length > FileBytesMax ? throw new FetchException(FetchFault.Denied, $"the credentials' file {name} is longer than {FileBytesMax} bytes")
                : File.ReadAllText(file.FullName).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FetchException(FetchFault.Denied, $"the credentials' file {name} cannot be read: {exception.Message}", exception);
        }
    }
}
