using System.Globalization;
using Google.Protobuf;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>What came back from a call.</summary>
internal sealed record GrpcResult(
    int HttpStatus, string Status, string Message, string Pushback, IReadOnlyList<(byte Flag, byte[] Message)> Messages, bool IsTrailersOnly)
{
    public int Code => int.Parse(Status, CultureInfo.InvariantCulture);

    /// <summary>The one message of a call that went well.</summary>
    public T Reply<T>(MessageParser<T> parser)
        where T : IMessage<T>
    {
        Assert.Equal(("0", 200), (Status, HttpStatus));
        return parser.ParseFrom(Assert.Single(Messages).Message);
    }
}
