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

    /// <summary>Texts and types that most models have; which model it is makes no difference to the compiler.</summary>
    private static readonly ModelSignature Signature = new(
        "warm-up", "1", "none",
        [new TensorSpec("floats", Datatype.Fp32, [-1, Width]), new TensorSpec("integers", Datatype.Int64, [-1, Width])],
        [new TensorSpec("floats", Datatype.Fp32, [-1, Width]), new TensorSpec("integers", Datatype.Int64, [-1, Width])],
        Batched: true);

    private const int Width = 16;

    /// <summary>Runs the requests against zeros, while the model is still being loaded; no figure of the replica sees them.</summary>
    public static async Task RunAsync(TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var lifecycle = new ReplicaLifecycle();
        lifecycle.MoveTo(ReplicaPhase.Ready);
        var inference = new InferenceEndpoint(
            new RequestMetrics(slo: null), lifecycle, new RequestBody(int.MaxValue, new BodyBudget(long.MaxValue)), clock, loggers.CreateLogger<InferenceEndpoint>());
        var repository = new SingleModel(new ZeroEngine(Signature, clock));
        using var endpoint = await HttpEndpoint.StartAsync(
            new RestApplication(repository, new RestOptions(), lifecycle, inference, clock), new EndpointOptions(IPAddress.Loopback, 0, int.MaxValue),
            loggers, cancellationToken).ConfigureAwait(false);
        try
        {
            await SendAsync(endpoint.Url, clock, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await endpoint.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(Uri server, TimeProvider clock, CancellationToken cancellationToken)
    {
        var startedAt = clock.GetTimestamp();
        byte[][] requests = [Request(binary: true), Request(binary: false)];
        using var connection = new HttpConnection(server.Host, server.Port);
        for (var i = 0; i < RequestsMax && clock.GetElapsedTime(startedAt) < TimeMax; i++)
        {
            await connection.ExchangeAsync(requests[i % requests.Length], cancellationToken).ConfigureAwait(false);
        }
    }

    private static byte[] Request(bool binary)
    {
        var inputs = new List<string>();
        var tail = new List<byte>();
        foreach (var spec in Signature.Inputs)
        {
            var zeros = ZeroEngine.Zeros(spec);
            var content = binary
                ? $"\"parameters\":{{\"binary_data_size\":{zeros.Bytes.Length}}}"
                : $"\"data\":[{string.Join(',', Enumerable.Repeat(spec.Datatype == Datatype.Fp32 ? "0.25" : "0", Width))}]";
            tail.AddRange(binary ? zeros.Bytes.ToArray() : []);
            inputs.Add($"{{\"name\":\"{spec.Name}\",\"shape\":{TensorShape.Text(zeros.Shape.Span)},\"datatype\":\"{spec.Datatype.WireName()}\",{content}}}");
        }

        var json = Encoding.UTF8.GetBytes(
            $"{{\"id\":\"0\",\"inputs\":[{string.Join(',', inputs)}],\"parameters\":{{\"binary_data_output\":{(binary ? "true" : "false")}}}}}");
        var head = $"POST /v2/models/{Uri.EscapeDataString(Signature.Name)}/infer HTTP/1.1\r\nHost: localhost\r\n"
            + $"{InferenceHeader.Name}: {json.Length}\r\nContent-Length: {json.Length + tail.Count}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. json, .. tail];
    }
}
