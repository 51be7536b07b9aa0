using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Overview;

/// <summary>Agents as JSON for programs: what the texts say, with times instead of ages. Fields are only added.</summary>
internal static class OverviewJson
{
    /// <param name="agents">Any number.</param>
    /// <param name="indented">Over several lines.</param>
    public static string Write(ImmutableArray<AgentOverview> agents, bool indented)
    {
        var root = new JsonObject { ["agents"] = new JsonArray([.. agents.Select(Agent)]) };
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = indented }))
        {
            root.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static JsonNode Agent(AgentOverview agent)
    {
        var (status, standing) = (agent.Status, agent.Standing);
        return new JsonObject
        {
            ["namespace"] = agent.Namespace,
            ["name"] = agent.Name,
            ["standing"] = standing.Slo.ToString(),
            ["needsAttention"] = standing.NeedsAttention,
            ["why"] = standing.Why,
            ["since"] = standing.Since,
            ["slo"] = agent.Target is null ? null : new JsonObject { ["target"] = agent.Target, ["percentile"] = agent.Percentile },
            ["observed"] = status.Observed is { } seen
                ? new JsonObject { ["rate"] = seen.Rate, ["p50"] = seen.P50?.ToString(), ["p99"] = seen.P99?.ToString(), ["sloAttainment"] = seen.SloAttainment, ["at"] = seen.At }
                : null,
            ["replicas"] = new JsonObject { ["wanted"] = status.Replicas, ["ready"] = status.ReadyReplicas },
            ["gpus"] = agent.GpusPerReplica == 0 ? null : new JsonObject { ["resource"] = agent.GpuResource, ["perReplica"] = agent.GpusPerReplica, ["total"] = agent.Gpus },
            ["provider"] = status.Accelerator?.Provider,
            ["onAccelerator"] = status.Accelerator?.OnAccelerator,
            ["variant"] = status.Serving?.Variant,
            ["burst"] = status.Serving?.Burst,
            ["costPerHour"] = status.Cost?.PerHour,
            ["mode"] = agent.Mode,
            ["model"] = agent.Model,
            ["wrong"] = new JsonArray([.. standing.Wrong.Select(Wrong)]),
            ["rollout"] = status.Rollout is { } rollout ? Rollout(rollout) : null,
            ["policies"] = new JsonArray([.. status.Policies.Select(static effect => new JsonObject
            {
                ["policy"] = effect.Policy, ["field"] = effect.Field, ["declared"] = effect.Declared, ["effective"] = effect.Effective,
            })]),
            ["decision"] = status.Decisions is [var last, ..]
                ? new JsonObject { ["at"] = last.At, ["rule"] = last.Rule, ["reason"] = last.Reason, ["applied"] = last.Applied }
                : null,
            ["updatedAt"] = status.UpdatedAt,
        };
    }

    private static JsonNode Wrong(Concern concern) => new JsonObject
    {
        ["condition"] = concern.What,
        ["status"] = concern.State,
        ["reason"] = concern.Reason,
        ["message"] = concern.Message,
        ["since"] = concern.At,
    };

    private static JsonObject Rollout(RolloutStatus rollout) => new()
    {
        ["phase"] = rollout.Phase.ToString(),
        ["from"] = rollout.From,
        ["to"] = rollout.To,
        ["since"] = rollout.Since,
        ["reason"] = rollout.Reason,
    };
}
