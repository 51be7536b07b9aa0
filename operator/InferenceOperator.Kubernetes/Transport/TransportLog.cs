using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Transport;

internal static partial class TransportLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Trying {Request} again after attempt {Attempt} in {PauseMilliseconds} ms: {Reason}")]
    public static partial void RequestRetried(this ILogger logger, string request, int attempt, double pauseMilliseconds, string reason);
}
