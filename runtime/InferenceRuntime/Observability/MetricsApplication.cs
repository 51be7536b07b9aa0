using System.Buffers;
using InferenceRuntime.Contract;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Observability;

/// <summary>The metrics port: <c>/metrics</c> and the probes <c>/healthz</c> and <c>/readyz</c>.</summary>
/// <param name="page">Writes the metrics.</param>
/// <param name="read">Reads what they show.</param>
/// <param name="lifecycle">What the probes answer.</param>
internal sealed class MetricsApplication(MetricsPage page, Func<MetricsReading> read, ReplicaLifecycle lifecycle)
    : IHttpApplication<IFeatureCollection>
{
    private const string PlainText = "text/plain; charset=utf-8";

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public Task ProcessRequestAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        var status = request.Path switch
        {
            "/metrics" or "/healthz" => StatusCodes.Status200OK,
            "/readyz" => lifecycle.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status404NotFound,
        };
        if (status == StatusCodes.Status404NotFound)
        {
            return HttpReply.RefuseAsync(context, new RequestFault(status, "there is nothing at this path"));
        }

        if (!HttpMethods.IsGet(request.Method))
        {
            return HttpReply.RefuseVerbAsync(context, HttpMethods.Get);
        }

        return request.Path == "/metrics" ? SendMetricsAsync(context) : SendProbeAsync(context, status);
    }

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
        // Nothing is held.
    }

    private static Task SendProbeAsync(IFeatureCollection features, int status) =>
        HttpReply.SendAsync(features, status, PlainText, status == StatusCodes.Status200OK ? "ok\n"u8.ToArray() : "not ready\n"u8.ToArray());

    private Task SendMetricsAsync(IFeatureCollection features)
    {
        var text = new ArrayBufferWriter<byte>(16 * 1024);
        page.Write(read(), text);
        return HttpReply.SendAsync(features, StatusCodes.Status200OK, PrometheusTextWriter.ContentType, text.WrittenMemory);
    }
}
