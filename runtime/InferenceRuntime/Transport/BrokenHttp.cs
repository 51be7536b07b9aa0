using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport;

/// <summary>What a client hears when its request breaks HTTP.</summary>
internal static class BrokenHttp
{
    /// <summary>The refusal for <see cref="HasTwoLengths"/>.</summary>
    public static readonly RequestFault TwoLengths = RequestFault.Invalid("Content-Length and Transfer-Encoding exclude each other");

    /// <summary>Kestrel puts the length of a body that is chunked as well aside under this name.</summary>
    private const string LengthPutAside = "X-Content-Length";

    /// <summary>
    /// True when a body has a length and is chunked too. Where a proxy goes by the one and the server by the other, the rest of the body is a
    /// request that the proxy never saw (RFC 9112, section 6.3).
    /// </summary>
    public static bool HasTwoLengths(IHeaderDictionary headers) =>
        headers.TransferEncoding.Count > 0 && (headers.ContentLength is not null || headers.ContainsKey(LengthPutAside));

    public static RequestFault Fault(BadHttpRequestException broken) => new(broken.StatusCode, broken.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => "the body came too slowly",
        StatusCodes.Status413PayloadTooLarge => "the body is longer than what is taken",
        _ => "the body breaks HTTP/1.1: it ended early or its chunks are malformed",
    });
}
