namespace InferenceOperator.Cluster.Observation;

/// <summary>A condition in the status of a Pod or a Deployment.</summary>
internal sealed record ObjectCondition
{
    public string Type { get; set; } = "";
    public string Status { get; set; } = "";
    public string? Reason { get; set; }
    public string? Message { get; set; }
    public DateTimeOffset? LastTransitionTime { get; set; }

    public bool IsTrue => Status == "True";
    public bool IsFalse => Status == "False";
}
