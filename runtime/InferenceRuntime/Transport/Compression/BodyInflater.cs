using System.Diagnostics;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport.Compression;

/// <summary>Unpacks request bodies within bounds. Thread safe.</summary>
/// <param name="bytesMax">Longest body, unpacked.</param>
/// <param name="budget">What all bodies together may hold.</param>
internal sealed class BodyInflater(int bytesMax, BodyBudget budget)
{
    private readonly BoundedInflater _inflater = new(budget);

    /// <summary>Unpacks to the end; null when all of it is in <paramref name="into"/>.</summary>
    /// <param name="coding">Not identity.</param>
    /// <param name="packed">The body as it came.</param>
    /// <param name="into">Receives the bytes. What it holds has been taken from the budget, also after a fault.</param>
    public RequestFault? Inflate(ContentCoding coding, ReadOnlyMemory<byte> packed, PooledBuffer into) =>
        packed.IsEmpty ? RequestFault.Invalid("the body is empty") : _inflater.Inflate(coding, packed, into, bytesMax) switch
        {
            Inflation.Whole => null,
            Inflation.TooLong => new RequestFault(StatusCodes.Status413PayloadTooLarge, $"the unpacked body is longer than the {bytesMax} bytes that are taken"),
            Inflation.TooDense => new RequestFault(StatusCodes.Status413PayloadTooLarge, $"the body unpacks to more than {BoundedInflater.RatioMax} times its length"),
            Inflation.NoRoom => RequestBody.NoRoom,
            Inflation.Damaged => RequestFault.Invalid($"Content-Encoding: the body is not whole and sound {coding.Name()}"),
            _ => throw new UnreachableException(),
        };
}
