namespace InferenceRuntime.Grpc.Protocol;

/// <summary>How the value of a protobuf field stands on the wire.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}
