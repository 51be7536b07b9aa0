using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>The account under which replicas run: it may do nothing, and no token of it is mounted.</summary>
internal static class ServiceAccountManifest
{
    /// <param name="agent">The agent.</param>
    /// <param name="pullSecrets">Secrets of the agent's namespace with which images are pulled; the namespace's default account and its Secrets do not apply to these pods.</param>
    public static JsonObject Render(InferenceAgent agent, ImmutableArray<string> pullSecrets)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.ServiceAccounts, names.Base, agent, names);
        manifest["automountServiceAccountToken"] = false;
        if (!pullSecrets.IsEmpty)
        {
            manifest["imagePullSecrets"] = new JsonArray([.. pullSecrets.Select(static name => new JsonObject { ["name"] = name })]);
        }

        return manifest;
    }
}
