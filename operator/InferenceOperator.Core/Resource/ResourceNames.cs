namespace InferenceOperator.Core.Resource;

/// <summary>How Kubernetes calls the resource.</summary>
public static class ResourceNames
{
    public const string Group = "inferenceoperator.io";
    public const string Version = "v1alpha1";
    public const string ApiVersion = Group + "/" + Version;
    public const string Kind = "InferenceAgent";
    public const string ListKind = "InferenceAgentList";
    public const string Plural = "inferenceagents";
    public const string Singular = "inferenceagent";
    public const string ShortName = "ia";

    /// <summary>Group of short names: <c>kubectl get inference</c>.</summary>
    public const string Category = "inference";

    /// <summary>Name of the CustomResourceDefinition.</summary>
    public const string CrdName = Plural + "." + Group;

    /// <summary>Longest name of an agent: pods get a suffix and have to stay a DNS label.</summary>
    public const int NameLengthMax = 52;
}
