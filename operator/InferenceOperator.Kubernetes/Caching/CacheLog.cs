using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Caching;

internal static partial class CacheLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Know all {Count} {Resource} as of {ResourceVersion}")]
    public static partial void Synced(this ILogger logger, ResourceType resource, int count, string resourceVersion);

    [LoggerMessage(Level = LogLevel.Information, Message = "The server no longer knows {ResourceVersion} of {Resource}; listing again")]
    public static partial void WatchExpired(this ILogger logger, ResourceType resource, string resourceVersion);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot follow {Resource} ({Failures} in a row); trying again: {Reason}")]
    public static partial void WatchFailed(this ILogger logger, ResourceType resource, int failures, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Resource} {Key} is not what it should be and is left as it was last understood: {Reason}")]
    public static partial void ObjectUnreadable(this ILogger logger, ResourceType resource, ObjectKey key, string reason);
}
