using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Overview;

/// <summary>The agents of a cluster, read only.</summary>
internal static class ClusterAgents
{
    private static readonly Resource<JsonObject> Agents = Resource.Untyped(ClusterView.Agents);

    /// <summary>A person waits: rather a failure soon than an answer late.</summary>
    public static KubernetesClientOptions ClientOptions { get; } = new() { AttemptsMax = 2, RequestTimeout = TimeSpan.FromSeconds(10) };

    /// <param name="client">The API server.</param>
    /// <param name="ns">Only of this namespace; null: of all.</param>
    /// <param name="name">Only this one; null: all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static async Task<ImmutableArray<JsonObject>> ReadAsync(KubernetesClient client, string? ns, string? name, CancellationToken cancellationToken)
    {
        try
        {
            if (ns is not null && name is not null)
            {
                return await client.GetAsync(Agents, new(ns, name), cancellationToken).ConfigureAwait(false) is { } found ? [found.Value] : [];
            }

            var scope = new ResourceScope { Namespace = ns ?? "", FieldSelector = name is null ? "" : $"metadata.name={name}" };
            return [.. (await client.ListAsync(Agents, scope, cancellationToken).ConfigureAwait(false)).Items.Select(static item => item.Value)];
        }
        catch (ApiException e)
        {
            var hint = e.Reason is ApiErrorReason.NotFound ? ": is the CustomResourceDefinition installed (inference-operator crd | kubectl apply -f -)?" : "";
            throw new IOException($"{client.Config.Server}: {e.Message}{hint}", e);
        }
    }
}
