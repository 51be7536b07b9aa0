namespace InferenceOperator.Cluster.Alerting;

/// <summary>Values of the label <c>severity</c>, as most Alertmanager routes know them.</summary>
internal static class AlertSeverity
{
    /// <summary>Somebody is to be woken.</summary>
    public const string Critical = "critical";

    /// <summary>Somebody is to look in working hours.</summary>
    public const string Warning = "warning";
}
