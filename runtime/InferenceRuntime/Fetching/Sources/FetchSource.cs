using System.Diagnostics.CodeAnalysis;

namespace InferenceRuntime.Fetching.Sources;

/// <summary>Where a file is fetched from. The text form leaves out the query, which may hold a signature.</summary>
internal abstract record FetchSource
{
    private FetchSource()
    {
    }

    /// <summary>By HTTP over TLS.</summary>
    public sealed record Https(Uri Address) : FetchSource
    {
        /// <inheritdoc/>
        public override string ToString() => Address.GetLeftPart(UriPartial.Path);
    }

    /// <summary>An object of a store that speaks as Amazon S3 does.</summary>
    /// <param name="Bucket">Its bucket.</param>
    /// <param name="Key">Its key, without <c>.</c> and <c>..</c> parts.</param>
    public sealed record S3(string Bucket, string Key) : FetchSource
    {
        /// <inheritdoc/>
        public override string ToString() => $"s3://{Bucket}/{Key}";
    }

    /// <summary>All of the address, which tells two sources apart; not for people or logs.</summary>
    public string Identity => this switch
    {
        Https https => https.Address.AbsoluteUri,
        S3 s3 => s3.ToString(),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <param name="text">The address as written.</param>
    /// <param name="source">The place, when true is returned.</param>
    /// <param name="error">What is wrong, when false is returned; does not repeat what may be secret.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out FetchSource? source, [NotNullWhen(false)] out string? error)
    {
        const string s3 = "s3://";
        (source, error) = (null, null);
        if (text.StartsWith(s3, StringComparison.Ordinal))
        {
            var slash = text.IndexOf('/', s3.Length);
            var (bucket, key) = slash < 0 ? ("", "") : (text[s3.Length..slash], text[(slash + 1)..]);
            error = !IsBucket(bucket) || key.Length is 0 or > 1024 ? "an address in S3 is s3://bucket/key"
                : key.Split('/').Any(static part => part is "" or "." or "..") ? "the key has an empty, '.' or '..' part" : null;
            source = error is null ? new S3(bucket, key) : null;
        }
        else if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps)
        {
            error = uri.UserInfo.Length > 0 ? "credentials do not belong into an address"
                : uri.Fragment.Length > 0 ? "an address has no fragment"
                : uri.AbsolutePath.EndsWith('/') ? "the address names no file" : null;
            source = error is null ? new Https(uri) : null;
        }
        else
        {
            error = "it starts with neither https:// nor s3://, or cannot be read";
        }

        return source is not null;
    }

    /// <summary>A file beside this one, as external data of a model is.</summary>
    /// <param name="location">Path relative to this file's folder that does not lead out of it.</param>
    public FetchSource Beside(string location)
    {
        switch (this)
        {
            case S3 s3:
                return s3 with { Key = s3.Key[..(s3.Key.LastIndexOf('/') + 1)] + location };
            case Https https:
                var folder = https.Address.GetLeftPart(UriPartial.Path);
                return new Https(new Uri(folder[..(folder.LastIndexOf('/') + 1)] + string.Join('/', location.Split('/').Select(Uri.EscapeDataString))));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static bool IsBucket(string text) =>
        text.Length is >= 3 and <= 63 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') && char.IsAsciiLetterOrDigit(text[0]);
}
