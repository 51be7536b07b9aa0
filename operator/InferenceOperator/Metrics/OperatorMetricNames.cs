namespace InferenceOperator.Metrics;

/// <summary>Names of the metrics that the operator exposes about itself. Every series of an agent carries <c>agent</c> and <c>agent_namespace</c>.</summary>
internal static class OperatorMetricNames
{
    /// <summary>Replicas by <c>phase</c>.</summary>
    public const string Replicas = "inference_operator_replicas";

    /// <summary>Replicas wanted.</summary>
    public const string ReplicasWanted = "inference_operator_replicas_wanted";

    /// <summary>Batch limit wanted, rows.</summary>
    public const string BatchSizeWanted = "inference_operator_batch_size_wanted";

    /// <summary>Price of the replicas wanted for an hour, in the unit of the prices; absent while nobody has said any.</summary>
    public const string CostPerHour = "inference_operator_cost_per_hour";

    /// <summary>1 for the variant that answers now, label <c>variant</c>, else 0; absent for agents without variants.</summary>
    public const string VariantAnswers = "inference_operator_variant_answers";

    /// <summary>1 when the condition <c>condition</c> is True, else 0.</summary>
    public const string Condition = "inference_operator_condition";

    /// <summary>Requests at the endpoint by <c>result</c>.</summary>
    public const string EndpointRequestsTotal = "inference_endpoint_requests_total";

    /// <summary>Requests that were sent to a second replica.</summary>
    public const string EndpointTriedAgainTotal = "inference_endpoint_tried_again_total";

    /// <summary>Requests inside the endpoint.</summary>
    public const string EndpointInFlight = "inference_endpoint_requests_in_flight";

    /// <summary>Requests that wait for a replica to become ready.</summary>
    public const string EndpointHeld = "inference_endpoint_requests_held";
}
