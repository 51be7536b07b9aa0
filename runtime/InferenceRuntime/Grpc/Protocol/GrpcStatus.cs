using System.Diagnostics;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Observability;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>How a call ended, as the client hears it.</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">What is wrong, naming the field; never a path of this machine, never a stack trace. Empty for none.</param>
/// <param name="RetryAfter">When the client may come again; null when nothing is said about it.</param>
internal sealed record GrpcStatus(GrpcCode Code, string Message, TimeSpan? RetryAfter = null)
{
    public static readonly GrpcStatus Ok = new(GrpcCode.Ok, "");
    public static readonly GrpcStatus Cancelled = new(GrpcCode.Cancelled, "the call was cancelled");
    public static readonly GrpcStatus Expired = new(GrpcCode.DeadlineExceeded, "the deadline passed before the request was executed");
    public static readonly GrpcStatus Starting = new(GrpcCode.Unavailable, "the model is not ready");
    public static readonly GrpcStatus Draining = new(GrpcCode.Unavailable, "the server is draining");
    public static readonly GrpcStatus Internal = new(GrpcCode.Internal, "the server failed on this call");

    private static readonly GrpcStatus ModelFailed = new(GrpcCode.Internal, "the model failed on this request");

    /// <summary>When a client whose message found no room is told to come again.</summary>
    private static readonly TimeSpan RoomRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>What the metrics count the call as.</summary>
    public RequestOutcome Outcome => Code switch
    {
        GrpcCode.Ok => RequestOutcome.Answered,
        GrpcCode.Cancelled => RequestOutcome.Cancelled,
        GrpcCode.DeadlineExceeded => RequestOutcome.Expired,
        GrpcCode.ResourceExhausted => RetryAfter is null ? RequestOutcome.Invalid : RequestOutcome.QueueFull,
        GrpcCode.Unavailable => RequestOutcome.Draining,
        GrpcCode.Internal => RequestOutcome.Failed,
        GrpcCode.InvalidArgument or GrpcCode.NotFound or GrpcCode.FailedPrecondition or GrpcCode.Unimplemented
            or GrpcCode.PermissionDenied or GrpcCode.Unauthenticated => RequestOutcome.Invalid,
        _ => throw new UnreachableException(),
    };

    /// <summary>A fault in what the client sent.</summary>
    public static GrpcStatus Invalid(string message) => new(GrpcCode.InvalidArgument, message);

    /// <summary>The server holds as many bytes as it may.</summary>
    public static GrpcStatus NoRoom() =>
        new(GrpcCode.ResourceExhausted, "the server holds as many bytes of requests as it may", RoomRetryAfter);

    /// <summary>A message that is longer than the limit.</summary>
    public static GrpcStatus TooLong(int bytesMax) =>
        new(GrpcCode.ResourceExhausted, $"the message is longer than the {bytesMax} bytes that are taken");

    /// <summary>A fault that the checks shared with REST found: always in the content.</summary>
    public static GrpcStatus From(RequestFault fault) => Invalid(fault.Message);

    /// <summary>What an outcome other than an answer says.</summary>
    public static GrpcStatus From(InferenceOutcome outcome) => outcome switch
    {
        InferenceOutcome.QueueFull full => new GrpcStatus(GrpcCode.ResourceExhausted, "the queue is full", full.RetryAfter),
        InferenceOutcome.Expired => Expired,
        InferenceOutcome.Cancelled => Cancelled,
        InferenceOutcome.Draining => Draining,
        InferenceOutcome.Refused refused => Invalid(refused.Reason),
        InferenceOutcome.Failed => ModelFailed,
        InferenceOutcome.Answered => Ok,
        _ => throw new UnreachableException(),
    };

    /// <summary>Why a model does not answer; null when it does.</summary>
    public static GrpcStatus? From(ModelLookup lookup, string name, string version) => lookup switch
    {
        ModelLookup.Found => null,
        ModelLookup.UnknownModel => new GrpcStatus(GrpcCode.NotFound, $"this server has no model {ClientText.Quote(name)}"),
        ModelLookup.UnknownVersion known => new GrpcStatus(
            GrpcCode.NotFound, $"model {ClientText.Quote(name)} has no version {ClientText.Quote(version)}, only {string.Join(", ", known.Versions)}"),
        ModelLookup.NotReady notReady => new GrpcStatus(GrpcCode.Unavailable, notReady.Reason),
        _ => throw new UnreachableException(),
    };
}
