namespace InferenceRuntime.Tests.Grpc;

/// <summary>One frame of HTTP/2 as it came from the wire.</summary>
internal sealed record Http2Frame(byte Type, byte Flags, int Stream, byte[] Payload)
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte RstStream = 3;
    public const byte Settings = 4;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;

    public const byte EndStream = 1;
    public const byte EndHeaders = 4;
    public const byte Ack = 1;

    public bool EndsStream => (Type is Data or Headers && (Flags & EndStream) != 0) || Type == RstStream;
}
