using System.Globalization;
using System.Net.Http.Headers;

namespace InferenceRuntime.Fetching.Sources;

/// <summary>Makes the requests by which one file is read.</summary>
/// <param name="source">The file.</param>
/// <param name="access">By what right.</param>
/// <param name="clock">Dates signatures.</param>
internal sealed class SourceRequests(FetchSource source, SourceAccess access, TimeProvider clock)
{
    private const string AmazonDefaultRegion = "us-east-1";

    /// <summary>The region of signatures; a store that knows better may say so.</summary>
    public string Region { get; set; } = access.Region ?? AmazonDefaultRegion;

    /// <summary>Where the first request goes.</summary>
    public Uri Address => source switch
    {
        FetchSource.Https https => https.Address,
        FetchSource.S3 s3 => ObjectAddress(s3),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>A request for the bytes from one on.</summary>
    /// <param name="address">Where it goes: <see cref="Address"/>, or where that redirected to.</param>
    /// <param name="from">The first byte, at least 0.</param>
    /// <param name="tag">The entity tag, strong, of which the bytes have to be; null with 0.</param>
    public HttpRequestMessage Create(Uri address, long from, string? tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        request.Headers.TryAddWithoutValidation("User-Agent", "inference-runtime");
        var isS3 = source is FetchSource.S3;
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);

            // A server answers If-Range with the whole of what it has now. Amazon's API documents If-Match alone.
            request.Headers.TryAddWithoutValidation(isS3 ? "If-Match" : "If-Range", tag);
        }

        if (isS3 && access.Key is { } key)
        {
            Sign(request, from, tag, key);
        }
        else if (!isS3 && access.Authorization is { } authorization && IsSameOrigin(address, Address))
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return request;
    }

    private static bool IsSameOrigin(Uri one, Uri other) => one.Scheme == other.Scheme && one.IdnHost == other.IdnHost && one.Port == other.Port;

    private void Sign(HttpRequestMessage request, long from, string? tag, AwsKey key)
    {
        var date = RequestSignature.Date(clock.GetUtcNow());
        var address = request.RequestUri!; // Given a moment ago.
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = address.IsDefaultPort ? address.IdnHost : string.Create(CultureInfo.InvariantCulture, $"{address.IdnHost}:{address.Port}"),
            ["x-amz-content-sha256"] = RequestSignature.EmptyBody,
            ["x-amz-date"] = date,
        };
        if (key.SessionToken is { } session)
        {
            headers["x-amz-security-token"] = session;
        }

        if (from > 0)
        {
            headers["range"] = string.Create(CultureInfo.InvariantCulture, $"bytes={from}-");
            headers["if-match"] = tag!; // Goes with a range.
        }

        foreach (var name in (string[])["x-amz-content-sha256", "x-amz-date", "x-amz-security-token"])
        {
            if (headers.TryGetValue(name, out var value))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        request.Headers.TryAddWithoutValidation(
            "Authorization", RequestSignature.Authorization("GET", address, headers, RequestSignature.EmptyBody, date, Region, "s3", key));
    }

    private Uri ObjectAddress(FetchSource.S3 s3)
    {
        var key = string.Join('/', s3.Key.Split('/').Select(RequestSignature.Escape));
        string address;
        if (access.Endpoint is { } endpoint)
        {
            var root = endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');
            address = access.BucketInPath ?? true
                ? $"{root}/{s3.Bucket}/{key}"
                : $"{endpoint.Scheme}://{s3.Bucket}.{endpoint.Authority}{endpoint.AbsolutePath.TrimEnd('/')}/{key}";
        }
        else
        {
            // The certificate of virtual hosts covers one label, and names with upper-case letters are no hosts.
            var isLabel = s3.Bucket.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
            address = access.BucketInPath ?? !isLabel
                ? $"https://s3.{Region}.amazonaws.com/{s3.Bucket}/{key}"
                : $"https://{s3.Bucket}.s3.{Region}.amazonaws.com/{key}";
        }

        // What is signed is what is sent.
        return new Uri(address, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }
}
