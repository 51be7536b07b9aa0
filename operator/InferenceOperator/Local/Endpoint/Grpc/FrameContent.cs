using System.Net;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>A call's frame as the body of a request to a replica, sent from where it lies.</summary>
internal sealed class FrameContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _frame;
    private volatile Task _sending = Task.CompletedTask;

    public FrameContent(ReadOnlyMemory<byte> frame)
    {
        _frame = frame;
        Headers.TryAddWithoutValidation("content-type", GrpcHead.MediaType);
    }

    /// <summary>Waits until the frame's memory is not read any more. Asked for when the exchange has ended, which ends the sending.</summary>
    public async ValueTask ReleasedAsync()
    {
        if (!_sending.IsCompletedSuccessfully)
        {
            await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _sending = stream.WriteAsync(_frame, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = _frame.Length;
        return true;
    }
}
