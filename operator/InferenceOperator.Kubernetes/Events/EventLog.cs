using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Events;

internal static partial class EventLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "The event {Reason} on {Key} was not written: {Error}")]
    public static partial void EventLost(this ILogger logger, string reason, ObjectKey key, string error);
}
