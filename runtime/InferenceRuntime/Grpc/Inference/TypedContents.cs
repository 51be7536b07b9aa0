using System.Buffers.Binary;
using System.Diagnostics;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Reads an InferTensorContents into the wire form of a tensor.</summary>
internal static class TypedContents
{
    private const int BoolField = 1;
    private const int Int32Field = 2;
    private const int Int64Field = 3;
    private const int UInt32Field = 4;
    private const int UInt64Field = 5;
    private const int Fp32Field = 6;
    private const int Fp64Field = 7;
    private const int BytesField = 8;

    /// <summary>Reads the input that the call's draft declares and sets it.</summary>
    /// <param name="call">The call; its draft has been checked against the model.</param>
    /// <param name="place">Where the contents lie in the message; empty when there are none.</param>
    /// <param name="budget">What decoded tensors are taken from.</param>
    public static GrpcStatus? Read(GrpcCall call, Range place, BodyBudget budget)
    {
        var draft = call.Inputs.Draft;
        var contents = call.Bytes[place];
        if (draft.Datatype is Datatype.Fp16 or Datatype.Bf16)
        {
            return Fault(call, $"{draft.Datatype.WireName()} has no typed form; send it in raw_input_contents");
        }

        if (TryTakeFloats(call, place))
        {
            return null;
        }

        // Each element takes at least a byte: a shape that claims more is not worth allocating for.
        if (draft.Elements > contents.Length)
        {
            return Fault(call, $"fewer elements than the {draft.Elements} of shape {TensorShape.Text(draft.Shape)}");
        }

        var size = draft.Datatype == Datatype.Bytes
            ? (draft.Elements * BytesElements.PrefixSize) + contents.Length
            : draft.Elements * draft.Datatype.ElementSize();
        if (size > Array.MaxLength || !budget.TryTake(size))
        {
            return GrpcStatus.NoRoom();
        }

        call.Decoded += size;
        var buffer = call.Inputs.Rent(draft.Input, (int)size);
        var sink = new ElementSink(draft.Datatype, buffer.AsSpan(0, (int)size), draft.Elements);
        return ReadFields(call, contents, ref sink) ?? Complete(call, buffer, in sink);
    }

    /// <summary>Floats in one packed run are the tensor as it is: they stay where they are.</summary>
    private static bool TryTakeFloats(GrpcCall call, Range place)
    {
        var draft = call.Inputs.Draft;
        var expected = draft.Datatype switch
        {
            Datatype.Fp32 => Fp32Field,
            Datatype.Fp64 => Fp64Field,
            _ => 0,
        };
        if (expected == 0)
        {
            return false;
        }

        var reader = new ProtoReader(call.Bytes[place]);
        if (!reader.TryReadKey(out var field, out var wire) || field != expected || wire != WireType.LengthDelimited
            || !reader.TryReadRange(out var run) || !reader.IsAtEnd)
        {
            return false;
        }

        var bytes = call.Message.Written[place][run];
        if (bytes.Length != TensorShape.Bytes(draft.Elements, draft.Datatype.ElementSize()))
        {
            return false;
        }

        call.Inputs.Set(draft.Input, draft.Shape, bytes);
        return true;
    }

    private static GrpcStatus? ReadFields(GrpcCall call, ReadOnlySpan<byte> contents, ref ElementSink sink)
    {
        var expected = FieldOf(call.Inputs.Draft.Datatype);
        var reader = new ProtoReader(contents);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out var field, out var wire))
            {
                return Fault(call, "malformed");
            }

            if (field > BytesField)
            {
                if (!reader.TrySkip(field, wire))
                {
                    return Fault(call, "malformed");
                }

                continue;
            }

            if (field != expected)
            {
                return Fault(call, $"elements of another type than {call.Inputs.Draft.Datatype.WireName()}");
            }

            if (ReadRun(ref reader, wire, ref sink) is { } fault)
            {
                return Fault(call, fault);
            }
        }

        return null;
    }

    /// <summary>Reads the value of one field: one element, or a packed run. Gives what is wrong.</summary>
    private static string? ReadRun(ref ProtoReader reader, WireType wire, ref ElementSink sink)
    {
        if (wire != WireType.LengthDelimited)
        {
            return sink.Read(ref reader, wire);
        }

        if (!reader.TryReadBytes(out var run))
        {
            return "malformed";
        }

        if (sink.Datatype == Datatype.Bytes)
        {
            return sink.Add(run);
        }

        var elements = new ProtoReader(run);
        while (!elements.IsAtEnd)
        {
            if (sink.Read(ref elements, sink.Wire) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static GrpcStatus? Complete(GrpcCall call, byte[] buffer, in ElementSink sink)
    {
        var draft = call.Inputs.Draft;
        if (sink.Count != draft.Elements)
        {
            return Fault(call, $"{sink.Count} elements, shape {TensorShape.Text(draft.Shape)} has {draft.Elements}");
        }

        call.Inputs.Set(draft.Input, draft.Shape, buffer.AsMemory(0, sink.Written));
        return null;
    }

    private static GrpcStatus Fault(GrpcCall call, string what) =>
        GrpcStatus.Invalid($"{call.Inputs.Draft.Label(call.Model.Served)}.contents: {what}");

    private static int FieldOf(Datatype datatype) => datatype switch
    {
        Datatype.Bool => BoolField,
        Datatype.Int8 or Datatype.Int16 or Datatype.Int32 => Int32Field,
        Datatype.Int64 => Int64Field,
        Datatype.UInt8 or Datatype.UInt16 or Datatype.UInt32 => UInt32Field,
        Datatype.UInt64 => UInt64Field,
        Datatype.Fp32 => Fp32Field,
        Datatype.Fp64 => Fp64Field,
        Datatype.Bytes => BytesField,
        _ => throw new UnreachableException(),
    };

    /// <summary>Receives elements one by one and writes them little-endian.</summary>
    private ref struct ElementSink(Datatype datatype, Span<byte> destination, long countMax)
    {
        private readonly Span<byte> _destination = destination;

        public Datatype Datatype { get; } = datatype;

        public int Written { get; private set; }

        public long Count { get; private set; }

        /// <summary>How one element stands outside a packed run, and within it.</summary>
        public readonly WireType Wire => Datatype switch
        {
            Datatype.Fp32 => WireType.Fixed32,
            Datatype.Fp64 => WireType.Fixed64,
            Datatype.Bytes => WireType.LengthDelimited,
            _ => WireType.Varint,
        };

        /// <summary>Reads one element that is not BYTES; gives what is wrong.</summary>
        public string? Read(ref ProtoReader reader, WireType wire)
        {
            if (wire != Wire)
            {
                return "malformed";
            }

            if (Count == countMax)
            {
                return $"more than {countMax} elements";
            }

            var read = wire switch
            {
                WireType.Fixed32 => TryReadFixed32(ref reader),
                WireType.Fixed64 => TryReadFixed64(ref reader),
                _ => TryReadWhole(ref reader),
            };
            Count++;
            return read ? null : $"element {Count - 1} is malformed or not in the range of {Datatype.WireName()}";
        }

        /// <summary>Adds one element of BYTES; gives what is wrong.</summary>
        public string? Add(ReadOnlySpan<byte> element)
        {
            if (Count == countMax)
            {
                return $"more than {countMax} elements";
            }

            BinaryPrimitives.WriteUInt32LittleEndian(_destination[Written..], (uint)element.Length);
            element.CopyTo(_destination[(Written + BytesElements.PrefixSize)..]);
            Written += BytesElements.PrefixSize + element.Length;
            Count++;
            return null;
        }

        private bool TryReadFixed32(ref ProtoReader reader)
        {
            var read = reader.TryReadFixed32(out var value);
            BinaryPrimitives.WriteUInt32LittleEndian(_destination[Written..], value);
            Written += sizeof(uint);
            return read;
        }

        private bool TryReadFixed64(ref ProtoReader reader)
        {
            var read = reader.TryReadFixed64(out var value);
            BinaryPrimitives.WriteUInt64LittleEndian(_destination[Written..], value);
            Written += sizeof(ulong);
            return read;
        }

        private bool TryReadWhole(ref ProtoReader reader)
        {
            if (!reader.TryReadVarint(out var value))
            {
                return false;
            }

            var (size, fits) = Datatype switch
            {
                Datatype.Bool => (1, value <= 1),
                Datatype.UInt8 => (1, value <= byte.MaxValue),
                Datatype.UInt16 => (2, value <= ushort.MaxValue),
                Datatype.UInt32 => (4, value <= uint.MaxValue),
                Datatype.Int8 => (1, (long)value is >= sbyte.MinValue and <= sbyte.MaxValue),
                Datatype.Int16 => (2, (long)value is >= short.MinValue and <= short.MaxValue),
                Datatype.Int32 => (4, (long)value is >= int.MinValue and <= int.MaxValue),
                Datatype.Int64 or Datatype.UInt64 => (8, true),
                _ => throw new UnreachableException(),
            };
            Span<byte> bytes = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            bytes[..size].CopyTo(_destination[Written..]);
            Written += size;
            return fits;
        }
    }
}
