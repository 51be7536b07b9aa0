using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using InferenceRuntime.Grpc;
using InferenceRuntime.Grpc.Protocol;

namespace InferenceRuntime.Load;

/// <summary>Calls a gRPC method over HTTP/2 without TLS. One exchange at a time; many share an invoker and so its connections.</summary>
/// <param name="invoker">Sends HTTP/2; disposed by its owner.</param>
/// <param name="server">The server, <c>http://HOST:PORT</c>.</param>
/// <param name="path">The method.</param>
internal sealed class GrpcConnection(HttpMessageInvoker invoker, Uri server, string path) : ILoadConnection
{
    private const int Answered = (int)HttpStatusCode.OK;
    private const int RawOutputsField = 6;

    private static readonly MediaTypeHeaderValue Type = new(CallHead.MediaType);

    private readonly Uri _method = new(server, path);
    private byte[] _buffer = new byte[4096];
    private CancellationTokenSource _abort = new();

    /// <summary>A connection for ModelInfer.</summary>
    public static GrpcConnection ForInference(HttpMessageInvoker invoker, Uri server) => new(invoker, server, GrpcMethods.InferPath);

    /// <summary>Makes what sends HTTP/2.</summary>
    public static HttpMessageInvoker Invoker() => new(new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true });

    /// <summary>Sends one frame; the reply's body is the first raw output, and its status 200, or the gRPC status.</summary>
    public async ValueTask<HttpReply> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var (status, message) = await CallAsync(request, cancellationToken).ConfigureAwait(false);
        return new HttpReply(status, 0, status == Answered ? FirstOutput(message) : default);
    }

    /// <summary>Sends one frame and gives the message of the reply: valid until the next call.</summary>
    /// <exception cref="IOException">No whole reply came.</exception>
    public async ValueTask<(int Status, ReadOnlyMemory<byte> Message)> CallAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        if (_abort.IsCancellationRequested)
        {
            _abort.Dispose();
            _abort = new CancellationTokenSource();
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, _method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(frame),
        };
        request.Content.Headers.ContentType = Type;
        request.Headers.TryAddWithoutValidation("te", "trailers");
        try
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token, cancellationToken);
            using var reply = await invoker.SendAsync(request, ends.Token).ConfigureAwait(false);
            var length = await ReadAsync(reply, ends.Token).ConfigureAwait(false);
            var status = Status(reply);
            return status != Answered ? (status, default) : (status, Unframe(length));
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException(fault.Message, fault);
        }
    }

    public void Abort() => _abort.Cancel();

    public void Dispose() => _abort.Dispose();

    private static int Status(HttpResponseMessage reply)
    {
        if (reply.StatusCode != HttpStatusCode.OK)
        {
            return (int)reply.StatusCode;
        }

        return (reply.TrailingHeaders.TryGetValues("grpc-status", out var values) || reply.Headers.TryGetValues("grpc-status", out values))
            && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? code == 0 ? Answered : code
            : throw new IOException("the reply has no grpc-status");
    }

    private async ValueTask<int> ReadAsync(HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        var body = await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            for (var filled = 0; ;)
            {
                if (filled == _buffer.Length)
                {
                    Array.Resize(ref _buffer, 2 * filled);
                }

                var read = await body.ReadAsync(_buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
                filled += read;
                if (read == 0)
                {
                    return filled;
                }
            }
        }
    }

    private ReadOnlyMemory<byte> Unframe(int length) =>
        length >= FrameReader.PrefixLength && _buffer[0] == 0 && BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(1)) == length - FrameReader.PrefixLength
            ? _buffer.AsMemory(FrameReader.PrefixLength, length - FrameReader.PrefixLength)
            : throw new IOException("the reply is not one plain message");

    private static ReadOnlyMemory<byte> FirstOutput(ReadOnlyMemory<byte> message)
    {
        var reader = new ProtoReader(message.Span);
        while (!reader.IsAtEnd && reader.TryReadKey(out var field, out var wire))
        {
            if (field == RawOutputsField && reader.TryReadRange(out var place))
            {
                return message[place];
            }

            if (!reader.TrySkip(field, wire))
            {
                break;
            }
        }

        throw new IOException("the reply has no raw output");
    }
}
