namespace InferenceOperator.Local;

/// <summary>The local mode's log lines.</summary>
internal static partial class LocalLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Replica {Replica} failed: {Reason}")]
    public static partial void ReplicaEnded(this ILogger logger, string replica, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Models {Models} could not be fetched: {Reason}")]
    public static partial void ModelNotFetched(this ILogger logger, string models, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The settings of replica {Replica} could not be written to its folder: {Reason}")]
    public static partial void SettingsNotWritten(this ILogger logger, string replica, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed manifests could not be taken; what runs stays, and the next change is heard")]
    public static partial void ManifestsNotTaken(this ILogger logger, Exception exception);
}
