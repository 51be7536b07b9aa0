using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Queues;

internal static partial class QueueLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The work on {Key} failed; it is tried again after a pause")]
    public static partial void WorkFailed(this ILogger logger, Exception error, object key);
}
