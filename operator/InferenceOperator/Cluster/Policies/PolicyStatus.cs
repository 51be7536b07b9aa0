using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Apply;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Cluster.Policies;

/// <summary>Writes to a policy whether it is in force, and only when that changes.</summary>
internal sealed class PolicyStatus(KubernetesClient client, TimeProvider time)
{
    public static ResourceType Policies { get; } = new(ResourceNames.Group, ResourceNames.Version, PolicyNames.Plural, PolicyNames.Kind, Namespaced: false);

    /// <param name="policy">As last seen.</param>
    /// <param name="problem">Why it is not in force; null: it is.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>False: it could not be written.</returns>
    public async Task<bool> WriteAsync(ApiObject<JsonObject> policy, string? problem, CancellationToken cancellationToken)
    {
        var generation = (long?)policy.Value["metadata"]?["generation"] ?? 0;
        var before = (policy.Value["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(static c => (string?)c["type"] == ConditionTypes.Ready);
        var (status, message) = problem is null ? ("True", "what it asks counts for every agent that it selects") : ("False", problem);
        if ((long?)policy.Value["status"]?["observedGeneration"] == generation && (string?)before?["status"] == status && (string?)before?["message"] == message)
        {
            return true;
        }

        var condition = new JsonObject
        {
            ["type"] = ConditionTypes.Ready,
            ["status"] = status,
            ["reason"] = problem is null ? "InForce" : "NotInForce",
            ["message"] = message,
            ["lastTransitionTime"] = (string?)before?["status"] == status && (string?)before?["lastTransitionTime"] is { } since
                ? since
                : time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["observedGeneration"] = generation,
        };
        var manifest = new JsonObject
        {
            ["apiVersion"] = ResourceNames.ApiVersion,
            ["kind"] = PolicyNames.Kind,
            ["metadata"] = new JsonObject { ["name"] = policy.Key.Name, ["uid"] = policy.Uid },
            ["status"] = new JsonObject { ["observedGeneration"] = generation, ["conditions"] = new JsonArray(condition) },
        };
        try
        {
            await client.ApplyStatusAsync(Resource.Untyped(Policies), manifest, new(ChildApplier.FieldManager, Force: true), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e)
        {
            // Gone meanwhile: nothing is left to say of it.
            return e.Reason is ApiErrorReason.NotFound;
        }
    }
}
