using System.Buffers.Binary;

namespace InferenceRuntime.Load;

/// <summary>Makes requests unlike one another: the first element of their tensor counts, FP32, from 0 to below 1.</summary>
/// <param name="Count">After so many the numbers begin anew; 1 to <see cref="CountMax"/>.</param>
/// <param name="TensorBytes">Length of the tensor, with which binary requests and gRPC frames end.</param>
internal sealed record DistinctElement(int Count, int TensorBytes)
{
    /// <summary>Numbers that FP32 tells apart below 1 at equal distances.</summary>
    public const int CountMax = 1 << 24;

    /// <summary>Writes the element for request <paramref name="index"/>.</summary>
    public void Write(long index, Span<byte> request) =>
        BinaryPrimitives.WriteSingleLittleEndian(request[^TensorBytes..], (float)(index % Count) / CountMax);
}
