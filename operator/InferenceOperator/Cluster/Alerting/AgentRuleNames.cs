namespace InferenceOperator.Cluster.Alerting;

/// <summary>Names of the series that recording rules make, <c>level:metric:operations</c>, and of alerts beside <see cref="BurnRateAlert"/>.</summary>
internal static class AgentRuleNames
{
    /// <summary>The share of requests that has to be within the SLO's target, constant.</summary>
    public const string Objective = "agent:inference_slo_objective:ratio";

    /// <summary>No replica of the agent is ready.</summary>
    public const string NotReady = "InferenceAgentNotReady";

    /// <summary>Prometheus has no series of any replica: no other alert of the agent can fire.</summary>
    public const string Silent = "InferenceAgentSilent";

    /// <summary>Requests that the SLO counts, a second.</summary>
    public const string RequestRate = "agent:inference_slo_requests:rate5m";

    /// <summary>The share of requests that missed the SLO in a window; no sample while nothing is asked.</summary>
    public static string MissRatio(string window) => "agent:inference_slo_miss:ratio_rate" + window;
}
