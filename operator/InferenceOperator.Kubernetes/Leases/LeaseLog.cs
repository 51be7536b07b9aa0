using Microsoft.Extensions.Logging;

namespace InferenceOperator.Kubernetes.Leases;

internal static partial class LeaseLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Holding Lease {Lease} as {Identity}: working")]
    public static partial void LeaseGained(this ILogger logger, string lease, string identity);

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for Lease {Lease}, which {Holder} holds")]
    public static partial void LeaseAwaited(this ILogger logger, string lease, string holder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lease {Lease} could not be renewed in time or was taken: work on it ends")]
    public static partial void LeaseLost(this ILogger logger, string lease);

    [LoggerMessage(Level = LogLevel.Information, Message = "Gave up Lease {Lease}")]
    public static partial void LeaseGivenUp(this ILogger logger, string lease);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lease {Lease} of another division of the work is held by {Holder}: waiting until it is free")]
    public static partial void OtherDivision(this ILogger logger, string lease, string holder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leases cannot be read or written; trying again: {Reason}")]
    public static partial void LeasesAway(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The work under Lease {Lease} ended by itself")]
    public static partial void WorkBroke(this ILogger logger, Exception error, string lease);
}
