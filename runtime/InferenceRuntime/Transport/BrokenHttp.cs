using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport;

/// <summary>What a client hears when its request breaks HTTP.</summary>
internal static class BrokenHttp
{
    public static RequestFault Fault(BadHttpRequestException broken) => new(broken.StatusCode, broken.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => "the body came too slowly",
        StatusCodes.Status413PayloadTooLarge => "the body is longer than what is taken",
        _ => "the body breaks HTTP/1.1: it ended early or its chunks are malformed",
    });
}
