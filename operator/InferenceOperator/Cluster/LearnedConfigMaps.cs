using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Apply;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster;

/// <summary>Keeps what controllers learned in a ConfigMap of each agent, which goes with the agent.</summary>
/// <remarks>It lacks the label of the children, so that no watch carries it and none of it stays in memory. Thread safe.</remarks>
internal sealed class LearnedConfigMaps(KubernetesClient client) : ILearnedStore
{
    /// <summary>The key of the state in the ConfigMap.</summary>
    public const string DataKey = "learned.json";

    private static readonly Resource<JsonObject> ConfigMaps = Resource.Untyped(ResourceType.ConfigMaps);

    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.GetAsync(ConfigMaps, new(agent.Metadata.Namespace, ChildNames.Of(agent.Metadata.Name).Learned), cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                return null;
            }

            return OwnerReference.ControllerUid(found.Value) == agent.Metadata.Uid
                ? Encoding.UTF8.GetBytes(found.Value["data"]?[DataKey]?.ToString() ?? "")
                : throw new WorkloadException($"ConfigMap {found.Key} exists and does not belong to this InferenceAgent; it is left alone");
        }
        catch (ApiException e)
        {
            throw new WorkloadException(e);
        }
    }

    public async ValueTask WriteAsync(InferenceAgent agent, ReadOnlyMemory<byte> state, CancellationToken cancellationToken)
    {
        // Somebody else's of the same name is left alone.
        await ReadAsync(agent, cancellationToken).ConfigureAwait(false);
        try
        {
            await client.ApplyAsync(ConfigMaps, Render(agent, state), new(ChildApplier.FieldManager, Force: true), cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            throw new WorkloadException(e);
        }
    }

    /// <summary>The ConfigMap with a state.</summary>
    public static JsonObject Render(InferenceAgent agent, ReadOnlyMemory<byte> state) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = ChildNames.Of(agent.Metadata.Name).Learned,
            ["namespace"] = agent.Metadata.Namespace,
            ["labels"] = new JsonObject { [ChildLabels.Name] = "inference-operator", ["app.kubernetes.io/component"] = "learned" },
            ["ownerReferences"] = OwnerReference.To(agent),
        },
        ["data"] = new JsonObject { [DataKey] = Encoding.UTF8.GetString(state.Span) },
    };
}
