namespace InferenceOperator.Control;

/// <summary>The control loops' log lines; each once per change.</summary>
internal static partial class ControlLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Agent}: a control step failed; what runs stays, and it is tried again")]
    public static partial void StepFailed(this ILogger logger, Exception exception, string agent);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent}: what runs cannot be observed: {Reason}")]
    public static partial void ObserveFailed(this ILogger logger, string agent, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent}: metrics cannot be read: {Reason}")]
    public static partial void MetricsFailed(this ILogger logger, string agent, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Agent}: metrics are read again")]
    public static partial void MetricsBack(this ILogger logger, string agent);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent}: the plan cannot be applied: {Reason}")]
    public static partial void ApplyFailed(this ILogger logger, string agent, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Agent}: the plan is applied again")]
    public static partial void ApplyBack(this ILogger logger, string agent);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent}: status cannot be written: {Reason}")]
    public static partial void StatusFailed(this ILogger logger, string agent, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent}: what was learned before is not used, it is learned anew: {Reason}")]
    public static partial void LearnedNotRead(this ILogger logger, string agent, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent}: what was learned cannot be kept for a restart: {Reason}")]
    public static partial void LearnedNotKept(this ILogger logger, string agent, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Agent}: replica {Replica} does not take its settings: {Reason}")]
    public static partial void SettingsFailed(this ILogger logger, string agent, string replica, string reason);
}
