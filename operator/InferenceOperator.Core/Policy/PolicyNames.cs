using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Policy;

/// <summary>How Kubernetes calls the policies.</summary>
public static class PolicyNames
{
    public const string Kind = "InferencePolicy";
    public const string ListKind = "InferencePolicyList";
    public const string Plural = "inferencepolicies";
    public const string Singular = "inferencepolicy";
    public const string ShortName = "ip";

    /// <summary>Name of the CustomResourceDefinition.</summary>
    public const string CrdName = Plural + "." + ResourceNames.Group;
}
