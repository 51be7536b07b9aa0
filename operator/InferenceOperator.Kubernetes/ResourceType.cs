using System.Text;

namespace InferenceOperator.Kubernetes;

/// <summary>A collection that the API server serves, such as <c>apps/v1 deployments</c>.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version within the group, such as <c>v1</c>.</param>
/// <param name="Plural">The name in the path, lower case, such as <c>deployments</c>.</param>
/// <param name="Kind">The <c>kind</c> that its objects carry.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool Namespaced)
{
    public static ResourceType Namespaces { get; } = new("", "v1", "namespaces", "Namespace", Namespaced: false);

    public static ResourceType Nodes { get; } = new("", "v1", "nodes", "Node", Namespaced: false);

    public static ResourceType ResourceQuotas { get; } = new("", "v1", "resourcequotas", "ResourceQuota", Namespaced: true);

    public static ResourceType Pods { get; } = new("", "v1", "pods", "Pod", Namespaced: true);

    public static ResourceType Services { get; } = new("", "v1", "services", "Service", Namespaced: true);

    public static ResourceType ConfigMaps { get; } = new("", "v1", "configmaps", "ConfigMap", Namespaced: true);

    public static ResourceType Secrets { get; } = new("", "v1", "secrets", "Secret", Namespaced: true);

    public static ResourceType ServiceAccounts { get; } = new("", "v1", "serviceaccounts", "ServiceAccount", Namespaced: true);

    public static ResourceType PersistentVolumeClaims { get; } =
        new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", Namespaced: true);

    public static ResourceType Events { get; } = new("", "v1", "events", "Event", Namespaced: true);

    public static ResourceType Deployments { get; } = new("apps", "v1", "deployments", "Deployment", Namespaced: true);

    public static ResourceType StatefulSets { get; } = new("apps", "v1", "statefulsets", "StatefulSet", Namespaced: true);

    public static ResourceType Jobs { get; } = new("batch", "v1", "jobs", "Job", Namespaced: true);

    public static ResourceType NetworkPolicies { get; } =
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", Namespaced: true);

    public static ResourceType PodDisruptionBudgets { get; } =
        new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", Namespaced: true);

    public static ResourceType Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease", Namespaced: true);

    public static ResourceType CustomResourceDefinitions { get; } =
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", Namespaced: false);

    public GroupVersionKind GroupVersionKind => new(Group, Version, Kind);

    /// <summary><c>deployments.apps</c>, as the API server names it in its messages.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>The path of the collection; of all namespaces when <paramref name="ns"/> is empty.</summary>
    internal string CollectionPath(string ns)
    {
        if (!Namespaced && ns.Length > 0)
        {
            throw new ArgumentException($"{this} are cluster-scoped; they have no namespace \"{ns}\".", nameof(ns));
        }

        var path = new StringBuilder(Group.Length == 0 ? "api/" : "apis/");
        if (Group.Length > 0)
        {
            path.Append(Uri.EscapeDataString(Group)).Append('/');
        }

        path.Append(Uri.EscapeDataString(Version));
        if (ns.Length > 0)
        {
            path.Append("/namespaces/").Append(Uri.EscapeDataString(ns));
        }

        return path.Append('/').Append(Uri.EscapeDataString(Plural)).ToString();
    }

    internal string ObjectPath(ObjectKey key, string subresource = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(key.Name);
        if (Namespaced && string.IsNullOrEmpty(key.Namespace))
        {
            throw new ArgumentException($"{this} live in a namespace; \"{key.Name}\" names none.", nameof(key));
        }

        var path = $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
        return subresource.Length == 0 ? path : $"{path}/{subresource}";
    }
}
