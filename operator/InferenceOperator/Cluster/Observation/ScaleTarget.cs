namespace InferenceOperator.Cluster.Observation;

/// <summary>What an autoscaler scales, in its own namespace. KEDA leaves out the type of a Deployment.</summary>
internal sealed record ScaleTarget
{
    public string ApiVersion { get; set; } = "";
    public string Kind { get; set; } = "";
    public string Name { get; set; } = "";

    /// <summary>The Deployment's name; null: it is something else, such as an InferenceAgent.</summary>
    public string? Deployment => Kind is "" or "Deployment" && (ApiVersion.Length == 0 || ApiVersion.StartsWith("apps/", StringComparison.Ordinal)) && Name.Length > 0 ? Name : null;
}
