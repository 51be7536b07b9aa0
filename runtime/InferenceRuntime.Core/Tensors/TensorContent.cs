namespace InferenceRuntime.Core.Tensors;

/// <summary>The elements of one tensor in wire form, in memory that somebody else owns.</summary>
/// <param name="Shape">Dimensions, none negative; the product is the number of elements.</param>
/// <param name="Bytes">
/// Row-major, little-endian, no padding; <see cref="Datatype.Bytes"/> elements each carry their uint32 length before them.
/// </param>
public readonly record struct TensorContent(ReadOnlyMemory<long> Shape, ReadOnlyMemory<byte> Bytes);
