using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Alerting;

internal static partial class AlertingLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Applied PrometheusRule {Rule}")]
    public static partial void RuleApplied(this ILogger logger, ObjectKey rule);

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted PrometheusRule {Rule}: its agent has no SLO any more")]
    public static partial void RuleDeleted(this ILogger logger, ObjectKey rule);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PrometheusRule {Rule} exists and belongs to somebody else; it is left alone, and the agent has no alerts")]
    public static partial void RuleIsForeign(this ILogger logger, ObjectKey rule);

    [LoggerMessage(Level = LogLevel.Warning, Message = "PrometheusRule {Rule} could not be made, so that the agent has no alerts of its own: {Reason}")]
    public static partial void RuleRefused(this ILogger logger, ObjectKey rule, string reason);
}
