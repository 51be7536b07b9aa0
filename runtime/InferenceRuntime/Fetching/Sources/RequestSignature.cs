using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace InferenceRuntime.Fetching.Sources;

/// <summary>Signs requests by AWS Signature Version 4, as Amazon's documentation "Create a signed AWS API request" describes it.</summary>
internal static class RequestSignature
{
    /// <summary>SHA-256 of an empty body, hexadecimal.</summary>
    public const string EmptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The value of <c>x-amz-date</c>.</summary>
    public static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The value of <c>Authorization</c>.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="address">The request's address; its path is as it goes over the wire.</param>
    /// <param name="headers">The headers that are signed, names in lower case, <c>host</c> and <c>x-amz-date</c> among them.</param>
    /// <param name="bodySha256">SHA-256 of the body, hexadecimal.</param>
    /// <param name="date">The value of <c>x-amz-date</c>.</param>
    /// <param name="region">Where the service is.</param>
    /// <param name="service">The service, such as <c>s3</c>.</param>
    /// <param name="key">The key.</param>
    public static string Authorization(
        string method, Uri address, IReadOnlyDictionary<string, string> headers, string bodySha256, string date, string region, string service, AwsKey key)
    {
        var names = headers.Keys.Order(StringComparer.Ordinal).ToList();
        var signed = string.Join(';', names);
        var canonical = string.Join(
            '\n',
            (string[])[method, address.AbsolutePath, Query(address), .. names.Select(name => $"{name}:{headers[name].Trim()}"), "", signed, bodySha256]);
        var day = date[..8];
        var scope = $"{day}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signingKey = Encoding.UTF8.GetBytes("AWS4" + key.Secret);
        foreach (var part in (string[])[day, region, service, "aws4_request"])
        {
            signingKey = HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(part));
        }

        return $"{Algorithm} Credential={key.Id}/{scope}, SignedHeaders={signed}, Signature={Hex(HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(text)))}";
    }

    /// <summary>A path part or a key as it is signed: everything but unreserved characters is escaped, the slash too.</summary>
    public static string Escape(string part)
    {
        var text = new StringBuilder(part.Length);
        foreach (var b in Encoding.UTF8.GetBytes(part))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return text.ToString();
    }

    private static string Query(Uri address) => string.Join('&', address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static parameter => parameter.Contains('=', StringComparison.Ordinal) ? parameter : parameter + "=")
        .Order(StringComparer.Ordinal));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
