using System.Diagnostics;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Observability;
using InferenceRuntime.Telemetry;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Tracing;

/// <summary>Begins and ends the server spans of inference requests. There is none where no traces are asked for. Thread safe.</summary>
internal sealed class RequestTraces(Traces traces, TimeProvider clock)
{
    private const string Route = "/v2/models/{model}/infer";
    private const string VersionRoute = "/v2/models/{model}/versions/{version}/infer";

    /// <summary>The trace of a request over REST; null when it is not recorded, which allocates nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="namesVersion">Whether its path names a version.</param>
    /// <param name="arrivedAt">When its head had been read, a timestamp.</param>
    public SampledRequest? BeginRest(IHttpRequestFeature request, bool namesVersion, long arrivedAt)
    {
        if (!IsRecorded(request.Headers, out var parent))
        {
            return null;
        }

        var sampled = Begin(namesVersion ? "POST " + VersionRoute : "POST " + Route, parent, request.Headers, arrivedAt);
        sampled?.Tag(SpanAttributes.HttpMethod, HttpMethods.Post);
        sampled?.Tag(SpanAttributes.HttpRoute, namesVersion ? VersionRoute : Route);
        sampled?.Tag(SpanAttributes.UrlPath, request.Path);
        sampled?.Tag(SpanAttributes.UrlScheme, request.Scheme);
        return sampled;
    }

    /// <summary>Ends the trace of a request over REST.</summary>
    public static void EndRest(SampledRequest sampled, RequestOutcome outcome, int status, ModelSignature model, int rows, long endedAt)
    {
        if (outcome != RequestOutcome.Cancelled)
        {
            sampled.Tag(SpanAttributes.HttpStatus, status);
        }

        if (status >= StatusCodes.Status500InternalServerError)
        {
            Fault(sampled, Number(status));
        }

        Describe(sampled, outcome, model, rows);
        sampled.End(endedAt, GaveUpWaiting(outcome));
    }

    /// <summary>The trace of a request over gRPC, alone in its call or one of a stream; null when it is not recorded, which allocates nothing.</summary>
    /// <param name="path">Path of the method: slash, service, slash, name.</param>
    /// <param name="headers">The call's metadata.</param>
    /// <param name="arrivedAt">When the call, or the request in it, arrived, a timestamp.</param>
    public SampledRequest? BeginGrpc(string path, IHeaderDictionary headers, long arrivedAt)
    {
        if (!IsRecorded(headers, out var parent))
        {
            return null;
        }

        var method = path[1..];
        var sampled = Begin(method, parent, headers, arrivedAt);
        sampled?.Tag(SpanAttributes.RpcSystem, "grpc");
        sampled?.Tag(SpanAttributes.RpcMethod, method);
        return sampled;
    }

    /// <summary>Ends the trace of a request over gRPC.</summary>
    public static void EndGrpc(SampledRequest sampled, GrpcStatus status, ModelSignature? model, int rows, long endedAt)
    {
        var code = status.Code.Name();
        sampled.Tag(SpanAttributes.RpcStatus, code);
        if (status.Code is GrpcCode.DeadlineExceeded or GrpcCode.Unimplemented or GrpcCode.Internal or GrpcCode.Unavailable)
        {
            Fault(sampled, code);
        }

        Describe(sampled, status.Outcome, model, rows);
        sampled.End(endedAt, GaveUpWaiting(status.Outcome));
    }

    private bool IsRecorded(IHeaderDictionary headers, out TraceParent parent)
    {
        var given = headers.TraceParent;
        parent = TraceParent.Read(given.Count == 1 ? given[0] : null);
        return traces.Records(parent);
    }

    private SampledRequest? Begin(string name, in TraceParent parent, IHeaderDictionary headers, long arrivedAt)
    {
        var arrived = clock.GetUtcNow().UtcDateTime - clock.GetElapsedTime(arrivedAt);
        var span = traces.Begin(name, ActivityKind.Server, parent.Recorded(headers.TraceState.ToString()), arrived);
        return span is null ? null : new SampledRequest(traces, span, arrivedAt, clock);
    }

    private static void Describe(SampledRequest sampled, RequestOutcome outcome, ModelSignature? model, int rows)
    {
        sampled.Tag(SpanAttributes.Model, model?.Name);
        sampled.Tag(SpanAttributes.Version, model?.Version);
        sampled.Tag(SpanAttributes.Rows, rows > 0 ? rows : null);
        sampled.Tag(SpanAttributes.Outcome, RequestOutcomes.All[(int)outcome]);
    }

    private static void Fault(SampledRequest sampled, string type)
    {
        sampled.Tag(SpanAttributes.ErrorType, type);
        sampled.Span.SetStatus(ActivityStatusCode.Error);
    }

    private static bool GaveUpWaiting(RequestOutcome outcome) => outcome is RequestOutcome.Expired or RequestOutcome.Cancelled;

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
