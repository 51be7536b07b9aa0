using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>A client that can also do what no good client does: any body, any headers.</summary>
internal sealed class GrpcCaller(Uri server) : IDisposable
{
    public const string Service = "/inference.GRPCInferenceService/";

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Sends one message to a method of the inference service.</summary>
    public Task<GrpcResult> CallAsync(string method, IMessage message, params (string Name, string Value)[] headers) =>
        SendAsync(Service + method, Frame(message.ToByteArray()), headers);

    /// <summary>Sends a body as it stands.</summary>
    public async Task<GrpcResult> SendAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Content.Headers.TryAddWithoutValidation("content-type", headers.FirstOrDefault(static h => h.Name == "content-type").Value ?? "application/grpc");
        foreach (var (name, value) in headers.Where(static h => h.Name != "content-type"))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var reply = await _client.SendAsync(request);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        return new GrpcResult((int)reply.StatusCode, Header(reply, "grpc-status"), Header(reply, "grpc-message"), Header(reply, "grpc-retry-pushback-ms"), Split(bytes), reply.Headers.Contains("grpc-status"));
    }

    /// <summary>A message with its prefix.</summary>
    public static byte[] Frame(byte[] message, byte flag = 0)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public void Dispose() => _client.Dispose();

    private static string Header(HttpResponseMessage reply, string name) =>
        reply.TrailingHeaders.TryGetValues(name, out var values) || reply.Headers.TryGetValues(name, out values) ? string.Join('|', values) : "";

    private static List<(byte Flag, byte[] Message)> Split(byte[] body)
    {
        var messages = new List<(byte, byte[])>();
        for (var at = 0; at < body.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(at + 1));
            messages.Add((body[at], body[(at + 5)..(at + 5 + length)]));
            at += 5 + length;
        }

        return messages;
    }
}
