using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using InferenceOperator.Local.Endpoint.Grpc;

namespace InferenceOperator.Tests.Local.Grpc;

/// <summary>A gRPC client that can also send what no good client does.</summary>
internal sealed class GrpcAsker(Uri endpoint) : IDisposable
{
    public const string Service = "/inference.GRPCInferenceService/";

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>A ModelInferRequest for one row of 64 pixels of the digits.</summary>
    public static List<byte> Digits(string model = "digits", string id = "")
    {
        var pixels = Enumerable.Repeat(1f, 64).ToArray();
        var input = new List<byte>().Text(1, "pixels").Text(2, "FP32").Bytes(3, [1, 64]);
        return new List<byte>().Text(1, model).Text(3, id).Bytes(5, [.. input]).Bytes(7, MemoryMarshal.AsBytes<float>(pixels));
    }

    /// <summary>A message with its prefix.</summary>
    public static byte[] Frame(IEnumerable<byte> message, byte flag = 0)
    {
        byte[] bytes = [.. message];
        var frame = new byte[GrpcFrame.PrefixBytes + bytes.Length];
        GrpcFrame.WritePrefix(frame, bytes.Length);
        frame[0] = flag;
        bytes.CopyTo(frame, GrpcFrame.PrefixBytes);
        return frame;
    }

    /// <summary>Asks for one row of the digits; gives what was said instead of an answer, or null.</summary>
    public async Task<string?> AskAsync()
    {
        var answer = await CallAsync("ModelInfer", Digits());
        return answer.Status == "0" && answer.Messages.Count == 1 ? null : $"{answer.Status} {answer.Message}";
    }

    public Task<GrpcAnswer> CallAsync(string method, IEnumerable<byte> message, params (string Name, string Value)[] headers) =>
        SendAsync(Service + method, new ByteArrayContent(Frame(message)), CancellationToken.None, headers);

    public async Task<GrpcAnswer> SendAsync(string path, HttpContent content, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var reply = await BeginAsync(path, content, cancellationToken, headers);
        var body = await reply.Content.ReadAsByteArrayAsync(cancellationToken);
        return new GrpcAnswer(Header(reply, "grpc-status"), Header(reply, "grpc-message"), Header(reply, "grpc-retry-pushback-ms"), Split(body));
    }

    /// <summary>The reply as soon as its headers have come.</summary>
    public Task<HttpResponseMessage> BeginAsync(string path, HttpContent content, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    private static string Header(HttpResponseMessage reply, string name) =>
        reply.TrailingHeaders.TryGetValues(name, out var values) || reply.Headers.TryGetValues(name, out values) ? string.Join('|', values) : "";

    private static List<byte[]> Split(byte[] body)
    {
        var messages = new List<byte[]>();
        for (var at = 0; at < body.Length;)
        {
            var length = (int)System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(at + 1));
            messages.Add(body[(at + GrpcFrame.PrefixBytes)..(at + GrpcFrame.PrefixBytes + length)]);
            at += GrpcFrame.PrefixBytes + length;
        }

        return messages;
    }
}
