using System.Buffers;

namespace InferenceOperator.Local.Endpoint;

/// <summary>A request's body, held in pooled memory until a reply has begun, so that it can be sent a second time; or a reply, held until it is whole.</summary>
/// <remarks>Memory grows with what has arrived, never with what a header claims.</remarks>
internal sealed class HeldBody : IDisposable
{
    private const int FirstBytes = 4096;

    private readonly HeldBytes _room;
    private byte[] _bytes = [];

    private HeldBody(HeldBytes room) => _room = room;

    /// <summary>How the reading went.</summary>
    public enum Outcome
    {
        /// <summary>All of it is here.</summary>
        Complete,

        /// <summary>It is longer than one body may be.</summary>
        TooLarge,

        /// <summary>The endpoint holds too much already.</summary>
        NoRoom,
    }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, Length);

    /// <summary>Its length.</summary>
    public int Length { get; private set; }

    /// <summary>Creates an empty one; nothing is rented before bytes arrive.</summary>
    public static HeldBody Empty(HeldBytes room) => new(room);

    /// <summary>Reads the body to its end or to a limit.</summary>
    /// <exception cref="BadHttpRequestException">The client sent a malformed body or went away in the middle of it.</exception>
    public async ValueTask<Outcome> ReadAsync(HttpRequest request, long bytesMax, CancellationToken cancellationToken)
    {
        if (request.ContentLength == 0)
        {
            return Outcome.Complete;
        }

        if (request.ContentLength > bytesMax)
        {
            return Outcome.TooLarge;
        }

        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var outcome = Keep(result.Buffer, bytesMax);
            reader.AdvanceTo(result.Buffer.End);
            if (outcome is not Outcome.Complete || result.IsCompleted)
            {
                return outcome;
            }
        }
    }

    /// <summary>Reads a stream to its end or to a limit.</summary>
    /// <param name="stream">What is read.</param>
    /// <param name="bytesMax">Longest body.</param>
    /// <param name="progress">Called after each piece.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="IOException">The stream broke off.</exception>
    public async ValueTask<Outcome> ReadAsync(Stream stream, long bytesMax, Action progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Length == _bytes.Length && !TryGrow(Length + 1))
            {
                return Outcome.NoRoom;
            }

            var read = await stream.ReadAsync(_bytes.AsMemory(Length), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return Outcome.Complete;
            }

            Length += read;
            if (Length > bytesMax)
            {
                return Outcome.TooLarge;
            }

            progress();
        }
    }

    /// <summary>Takes what has arrived behind what is here, unless it is too much.</summary>
    public Outcome Keep(ReadOnlySequence<byte> arrived, long bytesMax)
    {
        if (Length + arrived.Length > bytesMax)
        {
            return Outcome.TooLarge;
        }

        if (Length + arrived.Length > _bytes.Length && !TryGrow((int)(Length + arrived.Length)))
        {
            return Outcome.NoRoom;
        }

        arrived.CopyTo(_bytes.AsSpan(Length));
        Length += (int)arrived.Length;
        return Outcome.Complete;
    }

    /// <summary>Forgets the content; the memory stays for the next.</summary>
    public void Clear() => Length = 0;

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            _room.Give(_bytes.Length);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
            Length = 0;
        }
    }

    private bool TryGrow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBytes, (int)Math.Min(int.MaxValue / 2, _bytes.Length * 2L))));
        if (!_room.TryTake(larger.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }

        _bytes.AsSpan(0, Length).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            _room.Give(_bytes.Length);
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
        return true;
    }
}
