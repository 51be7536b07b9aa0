using Microsoft.Extensions.Primitives;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>What the headers of a call say.</summary>
/// <param name="Timeout">What the client gives it; null: any time.</param>
/// <param name="Encoding"><c>grpc-encoding</c>; null: not said.</param>
/// <param name="AcceptEncoding"><c>grpc-accept-encoding</c>; null: not said.</param>
/// <param name="Trace">The caller's trace.</param>
internal readonly record struct GrpcHead(TimeSpan? Timeout, string? Encoding, string? AcceptEncoding, TraceHeaders Trace)
{
    /// <summary>The media type of gRPC, before any suffix.</summary>
    public const string MediaType = "application/grpc";

    /// <summary>The encoding that can be looked into for a model's name.</summary>
    public const string Gzip = "gzip";

    private const string Identity = "identity";

    /// <summary>True for <c>application/grpc</c>, alone, with <c>+proto</c>, or with parameters.</summary>
    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = contentType.AsSpan(MediaType.Length);
        rest = rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase) ? rest["+proto".Length..] : rest;
        return rest.IsEmpty || rest[0] is ';' or ' ';
    }

    /// <summary>Reads the headers; null with what is wrong when they are not good.</summary>
    public static GrpcHead? Read(IHeaderDictionary headers, out GrpcStatus fault)
    {
        fault = GrpcStatus.Ok;
        TimeSpan? timeout = null;
        if (headers.GrpcTimeout is { Count: > 0 } values)
        {
            if (values.Count > 1 || !CallTimeout.TryParse(values[0] ?? "", out var given))
            {
                fault = GrpcStatus.Of(GrpcCode.InvalidArgument, "grpc-timeout: not one to eight digits and one of H M S m u n");
                return null;
            }

            timeout = given;
        }

        var encoding = Text(headers.GrpcEncoding);
        if (encoding is not (null or Identity or Gzip))
        {
            fault = GrpcStatus.Of(GrpcCode.Unimplemented, "grpc-encoding: only identity and gzip are taken");
            return null;
        }

        return new GrpcHead(timeout, encoding, Text(headers.GrpcAcceptEncoding), new TraceHeaders(Text(headers.TraceParent), Text(headers.TraceState)));
    }

    private static string? Text(StringValues values) => values.Count == 0 ? null : values.ToString();
}
