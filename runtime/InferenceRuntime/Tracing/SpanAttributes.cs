namespace InferenceRuntime.Tracing;

/// <summary>Names of the spans' attributes. What the conventions have no name for begins with <c>inference.</c></summary>
/// <remarks>
/// Source: OpenTelemetry semantic conventions for HTTP (https://opentelemetry.io/docs/specs/semconv/http/http-spans/) and
/// gRPC (https://opentelemetry.io/docs/specs/semconv/rpc/grpc/).
/// </remarks>
internal static class SpanAttributes
{
    public const string HttpMethod = "http.request.method";
    public const string HttpRoute = "http.route";
    public const string HttpStatus = "http.response.status_code";
    public const string UrlPath = "url.path";
    public const string UrlScheme = "url.scheme";
    public const string RpcSystem = "rpc.system.name";
    public const string RpcMethod = "rpc.method";
    public const string RpcStatus = "rpc.response.status_code";
    public const string ErrorType = "error.type";

    /// <summary>Name the model is served under.</summary>
    public const string Model = "inference.model.name";

    /// <summary>Version that answered.</summary>
    public const string Version = "inference.model.version";

    /// <summary>Variant that answered; absent where the model has one form.</summary>
    public const string Variant = "inference.model.variant";

    /// <summary>Rows of the request, or of the run.</summary>
    public const string Rows = "inference.rows";

    /// <summary>What the metrics count the request as: one of <see cref="Contract.RequestOutcomes"/>.</summary>
    public const string Outcome = "inference.outcome";

    /// <summary>How the cache of responses answered: <c>hit</c> or <c>joined</c>; absent when it did not.</summary>
    public const string Cache = "inference.cache";

    /// <summary>Rows of the whole batch.</summary>
    public const string BatchRows = "inference.batch.rows";

    /// <summary>Requests in the batch, recorded or not.</summary>
    public const string BatchRequests = "inference.batch.requests";

    /// <summary>The lengths that axes were padded to, <c>axis=length</c> with commas between; absent when nothing was padded.</summary>
    public const string Bucket = "inference.batch.bucket";

    /// <summary>Number of the instance that ran the batch, from 0.</summary>
    public const string Instance = "inference.instance";

    /// <summary>How a run ended: one of <see cref="Core.Serving.RunStatus"/>.</summary>
    public const string RunStatus = "inference.run.status";
}
