using System.Buffers;
using System.Net.Sockets;

namespace InferenceOperator.Local.Endpoint;

/// <summary>Sends one request to one replica and passes the reply on.</summary>
internal static class Exchange
{
    // A body up to this size goes out in one piece with its head.
    private const int OnePieceBytes = 16 * 1024;

    /// <summary>How one try ended.</summary>
    public enum Ending
    {
        /// <summary>The reply was passed on.</summary>
        Answered,

        /// <summary>Nothing of a reply has reached the client: the request may be sent elsewhere.</summary>
        Unanswered,

        /// <summary>The replica refuses new work (503); the request may be sent elsewhere, and nothing is wrong with the connection.</summary>
        TurnedAway,

        /// <summary>The replica said nothing for as long as it may; it may still be computing, so that the request is not sent elsewhere.</summary>
        Silent,

        /// <summary>The reply broke off after it had begun.</summary>
        CutShort,

        /// <summary>The head of the request is too long to be passed on.</summary>
        HeadTooLong,
    }

    /// <summary>One try at one replica. A connection that was idle and turns out to be closed is replaced once.</summary>
    /// <param name="context">The client's request and response.</param>
    /// <param name="upstream">The replica, acquired.</param>
    /// <param name="body">The request's body.</param>
    /// <param name="passOnRefusal">True: a 503 is the answer. False: it is <see cref="Ending.TurnedAway"/>.</param>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public static async ValueTask<Ending> TryAsync(HttpContext context, Upstream upstream, ReadOnlyMemory<byte> body, bool passOnRefusal)
    {
        while (true)
        {
            UpstreamConnection? connection = null;
            var settled = false;
            try
            {
                if (!upstream.TryRent(out connection))
                {
                    connection = await upstream.ConnectAsync(context.RequestAborted).ConfigureAwait(false);
                }

                if (!await SendAsync(connection, context.Request, body, context.RequestAborted).ConfigureAwait(false))
                {
                    return Ending.HeadTooLong;
                }

                var head = await connection.ReadHeadAsync(HttpMethods.IsHead(context.Request.Method), context.RequestAborted).ConfigureAwait(false);
                if (head.Status == StatusCodes.Status503ServiceUnavailable && !passOnRefusal)
                {
                    return Ending.TurnedAway;
                }

                await connection.PrefetchAsync(head, context.RequestAborted).ConfigureAwait(false);
                upstream.TakeBack();
                ReplyHead.Apply(head, connection.Head(head), context.Response);
                settled = true;
                await connection.CopyBodyAsync(head, context.Response.BodyWriter, context.RequestAborted).ConfigureAwait(false);
                if (head.StaysOpen && connection.IsInStep)
                {
                    upstream.Return(connection);
                    connection = null;
                }

                return Ending.Answered;
            }
            catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
            {
                if (settled)
                {
                    return Ending.CutShort;
                }

                if (connection is { FellSilent: true })
                {
                    upstream.TakeOut();
                    return Ending.Silent;
                }

                // The replica may have closed an idle connection just as it was taken: that says nothing of the replica.
                if (connection is { IsReused: true, ReplyBegun: false })
                {
                    upstream.CloseIdle();
                    continue;
                }

                upstream.TakeOut();
                return Ending.Unanswered;
            }
            finally
            {
                connection?.Dispose();
            }
        }
    }

    private static async ValueTask<bool> SendAsync(
        UpstreamConnection connection, HttpRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(RequestHead.BytesMax + OnePieceBytes);
        try
        {
            var length = RequestHead.Write(request, body.Length, buffer.AsSpan(0, RequestHead.BytesMax));
            if (length < 0)
            {
                return false;
            }

            if (body.Length <= OnePieceBytes)
            {
                body.CopyTo(buffer.AsMemory(length));
                await connection.SendAsync(buffer.AsMemory(0, length + body.Length), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await connection.SendAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                await connection.SendAsync(body, cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
