using System.Net;
using System.Text;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Load;
using InferenceRuntime.Observability;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport;

/// <summary>
/// Sends requests to a REST port of its own before the replica says ready, so that the first client does not wait for the
/// compiler: the first request of a cold process takes about 100 ms, more than many an SLO.
/// </summary>
internal static class TransportWarmUp
{
    /// <summary>Requests that are sent at most, half of them in JSON. From the thirtieth call on, code is compiled for speed.</summary>
    public const int RequestsMax = 100;

    /// <summary>Longest that all of them may take together.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest input that is made up; models with longer ones stay cold.</summary>
    private const int InputBytesMax = 1 << 20;

    /// <summary>Runs the requests against zeros; no figure of the replica sees them.</summary>
    public static async Task RunAsync(ModelSignature signature, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (signature.Outputs.Any(static o => ZeroEngine.Zeros(o, InputBytesMax) is null)
            || signature.Inputs.Any(static i => ZeroEngine.Zeros(i, InputBytesMax) is null))
        {
            return;
        }

        var lifecycle = new ReplicaLifecycle();
        lifecycle.MoveTo(ReplicaPhase.Ready);
        var inference = new InferenceEndpoint(
            new RequestMetrics(slo: null), lifecycle, new RequestBody(int.MaxValue, new BodyBudget(long.MaxValue)), clock, loggers.CreateLogger<InferenceEndpoint>());
        var repository = new SingleModel(new ZeroEngine(signature, clock));
        using var endpoint = await HttpEndpoint.StartAsync(
            new RestApplication(repository, new RestOptions(), lifecycle, inference, clock), new EndpointOptions(IPAddress.Loopback, 0, int.MaxValue),
            loggers, cancellationToken).ConfigureAwait(false);
        try
        {
            await SendAsync(endpoint.Url, signature, clock, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await endpoint.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(Uri server, ModelSignature signature, TimeProvider clock, CancellationToken cancellationToken)
    {
        var startedAt = clock.GetTimestamp();
        byte[][] requests = [Request(signature, binary: true), Request(signature, binary: false)];
        using var connection = new HttpConnection(server.Host, server.Port);
        for (var i = 0; i < RequestsMax && clock.GetElapsedTime(startedAt) < TimeMax; i++)
        {
            await connection.ExchangeAsync(requests[i % requests.Length], cancellationToken).ConfigureAwait(false);
        }
    }

    private static byte[] Request(ModelSignature signature, bool binary)
    {
        var inputs = new List<string>();
        var tail = new List<byte>();
        foreach (var spec in signature.Inputs)
        {
            var zeros = ZeroEngine.Zeros(spec, InputBytesMax)!.Value;   // Checked before anything was started.
            var binaryOnly = spec.Datatype is Datatype.Fp16 or Datatype.Bf16;
            var content = binary || binaryOnly
                ? $"\"parameters\":{{\"binary_data_size\":{zeros.Bytes.Length}}}"
                : $"\"data\":[{string.Join(',', Enumerable.Repeat(Zero(spec.Datatype), (int)TensorShape.Elements(zeros.Shape.Span)))}]";
            tail.AddRange(binary || binaryOnly ? zeros.Bytes.ToArray() : []);
            inputs.Add($"{{\"name\":\"{System.Text.Json.JsonEncodedText.Encode(spec.Name)}\",\"shape\":{TensorShape.Text(zeros.Shape.Span)},\"datatype\":\"{spec.Datatype.WireName()}\",{content}}}");
        }

        var json = Encoding.UTF8.GetBytes(
            $"{{\"id\":\"0\",\"inputs\":[{string.Join(',', inputs)}],\"parameters\":{{\"binary_data_output\":{(binary ? "true" : "false")}}}}}");
        var head = $"POST /v2/models/{Uri.EscapeDataString(signature.Name)}/infer HTTP/1.1\r\nHost: localhost\r\n"
            + $"{InferenceHeader.Name}: {json.Length}\r\nContent-Length: {json.Length + tail.Count}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. json, .. tail];
    }

    private static string Zero(Datatype datatype) => datatype switch
    {
        Datatype.Bool => "false",
        Datatype.Bytes => "\"\"",
        Datatype.Fp32 or Datatype.Fp64 => "0.25",
        _ => "0",
    };
}
