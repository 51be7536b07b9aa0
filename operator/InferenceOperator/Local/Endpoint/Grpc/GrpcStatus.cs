using System.Globalization;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>How a call ended, in the form of the trailers.</summary>
/// <param name="Code">Decimal digits; what a replica said is not looked into further.</param>
/// <param name="Message">Percent-encoded as <see cref="StatusText"/> does; empty: none.</param>
/// <param name="PushbackMs">Milliseconds after which the client may come again; null: nothing is said.</param>
internal sealed record GrpcStatus(string Code, string Message, string? PushbackMs = null)
{
    /// <summary>By this code a replica says that it takes no new work.</summary>
    public static readonly string UnavailableCode = Digits(GrpcCode.Unavailable);

    public static readonly GrpcStatus Ok = new(Digits(GrpcCode.Ok), "");
    public static readonly GrpcStatus Expired = Of(GrpcCode.DeadlineExceeded, "the deadline passed before a replica had answered");
    public static readonly GrpcStatus Stopping = Of(GrpcCode.Unavailable, "the endpoint is being stopped");
    public static readonly GrpcStatus Failed = Of(GrpcCode.Internal, "the endpoint failed on this call");

    public bool IsOk => Code == Ok.Code;

    /// <summary>The endpoint's own word, in plain text.</summary>
    public static GrpcStatus Of(GrpcCode code, string message) => new(Digits(code), StatusText.Encode(message));

    /// <summary>The same, with a time after which to come again, at least a millisecond.</summary>
    public static GrpcStatus Of(GrpcCode code, string message, TimeSpan retryAfter) =>
        Of(code, message) with { PushbackMs = ((long)Math.Ceiling(Math.Max(1, retryAfter.TotalMilliseconds))).ToString(CultureInfo.InvariantCulture) };

    private static string Digits(GrpcCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);
}
