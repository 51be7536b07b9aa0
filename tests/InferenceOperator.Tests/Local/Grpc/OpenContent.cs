using System.Net;
using System.Threading.Channels;

namespace InferenceOperator.Tests.Local.Grpc;

/// <summary>A body that goes on while the reply is read, as gRPC streams do.</summary>
internal sealed class OpenContent : HttpContent
{
    private readonly Channel<byte[]> _parts = Channel.CreateUnbounded<byte[]>();

    public void Send(byte[] part) => Assert.True(_parts.Writer.TryWrite(part));

    public void End() => _parts.Writer.Complete();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await foreach (var part in _parts.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(part, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
