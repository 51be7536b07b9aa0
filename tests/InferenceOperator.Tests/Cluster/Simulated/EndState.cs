using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;
using InferenceOperator.Testing.Simulated;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>What is left of a story, without what may differ between two runs of it: uids, versions, tokens, times, numbers that were measured.</summary>
internal static class EndState
{
    /// <summary>Annotations that are digests of what may differ.</summary>
    private static readonly string[] Digests = ["inferenceoperator.io/applied", ChildLabels.AdminTokenDigest, ChildLabels.Inputs];

    /// <summary>A line for each object that matters, by name.</summary>
    /// <param name="api">The objects.</param>
    /// <param name="load">Requests per second by agent: of those that have any, as many replicas run as measurements ask for.</param>
    public static ImmutableSortedDictionary<string, string> Of(SimulatedApi api, IReadOnlyDictionary<string, double> load)
    {
        var lines = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var found in api.All().Where(static o => o.Key.Type != SimulatedTypes.Events && o.Key.Type != SimulatedTypes.Leases && o.Key.Type != SimulatedTypes.Pods && !o.Key.Name.EndsWith("-learned", StringComparison.Ordinal)))
        {
            lines[found.Key.ToString()] = Line(found, IsMeasured(found.Key.Name));
        }

        foreach (var pods in api.All(SimulatedTypes.Pods).GroupBy(static pod => (string?)pod.Metadata["labels"]?[ChildLabels.Agent] ?? "", StringComparer.Ordinal))
        {
            lines[$"pods {pods.Key}"] = IsMeasured(pods.Key) ? "some" : $"{pods.Count()}";
        }

        return lines.ToImmutable();

        bool IsMeasured(string agent) => load.GetValueOrDefault(agent) > 0;
    }

    /// <summary>Why the cluster is not at rest; null: it is, and everything is as declared.</summary>
    public static string? Unrest(SimulatedApi api)
    {
        var uids = api.All().Select(static found => found.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var found in api.All())
        {
            if (found.IsEnding)
            {
                return $"{found.Key} is still ending";
            }

            if (found.OwnerUids.FirstOrDefault(uid => !uids.Contains(uid)) is { } gone)
            {
                return $"{found.Key} is left of {gone}";
            }

            if (found.Key.Type == SimulatedTypes.Deployments && ((int?)found.Value["status"]?["readyReplicas"] != (int?)found.Value["spec"]!["replicas"] || (int?)found.Value["status"]?["updatedReplicas"] != (int?)found.Value["spec"]!["replicas"]))
            {
                return $"{found.Key} has {found.Value["status"]?.ToJsonString()}";
            }

            if (found.Key.Type == SimulatedTypes.Agents && Unsettled(found) is { } unsettled)
            {
                return $"{found.Key}: {unsettled}";
            }
        }

        return null;
    }

    public static JsonObject? Condition(StoredObject agent, string type) =>
        (agent.Value["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(condition => (string?)condition["type"] == type);

    /// <summary>When the agent's status says that it was written; null: it does not.</summary>
    public static DateTimeOffset? UpdatedAt(StoredObject? agent) =>
        (string?)agent?.Value["status"]?["updatedAt"] is { } text ? DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;

    private static string? Unsettled(StoredObject agent)
    {
        if ((long?)agent.Value["status"]?["observedGeneration"] != (long?)agent.Metadata["generation"])
        {
            return $"generation {agent.Metadata["generation"]} is not observed";
        }

        foreach (var (type, wanted) in new[] { (ConditionTypes.Ready, "True"), (ConditionTypes.Reconciling, "False"), (ConditionTypes.ScalingAsDeclared, "True") })
        {
            if (Condition(agent, type) is not { } condition || (string?)condition["status"] != wanted)
            {
                return Condition(agent, type)?.ToJsonString() ?? $"{type} is not known";
            }
        }

        return null;
    }

    private static string Line(StoredObject found, bool isMeasured)
    {
        var value = (JsonObject)found.Value.DeepClone();
        var metadata = (JsonObject)value["metadata"]!; // Each has one.
        foreach (var field in new[] { "uid", "resourceVersion", "creationTimestamp", found.Key.Type == SimulatedTypes.Agents ? "" : "generation" })
        {
            metadata.Remove(field);
        }

        foreach (var owner in metadata["ownerReferences"] as JsonArray ?? [])
        {
            ((JsonObject)owner!).Remove("uid"); // A reference is an object.
        }

        Strip(metadata);
        if (found.Key.Type == SimulatedTypes.Agents)
        {
            var status = (JsonObject?)value["status"] ?? [];
            var conditions = (status["conditions"] as JsonArray ?? []).Select(static c => (JsonNode?)$"{c!["type"]}={c["status"]} {c["reason"]}"); // Written by the operator.
            value["status"] = new JsonObject { ["replicas"] = isMeasured ? null : status["replicas"]?.DeepClone(), ["conditions"] = new JsonArray([.. conditions]) };
        }
        else
        {
            value.Remove("status");
        }

        if (found.Key.Type == SimulatedTypes.Secrets)
        {
            value.Remove("data");
        }

        if (value["spec"] is JsonObject spec)
        {
            spec.Remove("clusterIP");
            if (isMeasured)
            {
                spec.Remove("replicas");
            }

            Strip(spec["template"]?["metadata"] as JsonObject);
        }

        return value.ToJsonString();
    }

    private static void Strip(JsonObject? metadata)
    {
        foreach (var digest in Digests)
        {
            (metadata?["annotations"] as JsonObject)?.Remove(digest);
        }
    }
}
