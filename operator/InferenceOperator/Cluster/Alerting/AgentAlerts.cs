using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Apply;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Cluster.Alerting;

/// <summary>Keeps each agent's PrometheusRule as its SLO says, where the cluster knows PrometheusRules.</summary>
/// <remarks>
/// Alerts watch what is served; they never stand in its way: what the API server refuses is logged and tried again at the next
/// apply. Nothing is sent while nothing changes; what was there before a start is read and left when it is as it should be. The
/// owner reference removes the rule with its agent. One caller at a time for one agent; different agents concurrently.
/// </remarks>
/// <param name="client">Writes the rules.</param>
/// <param name="labels">Labels by which Prometheus finds them.</param>
/// <param name="logger">Told of every change and refusal.</param>
internal sealed class AgentAlerts(KubernetesClient client, ImmutableSortedDictionary<string, string> labels, ILogger<AgentAlerts> logger)
{
    private static readonly Resource<JsonObject> Rules = Resource.Untyped(PrometheusRuleManifest.Type);

    /// <summary>By the agent's uid: digest of what stands there; empty: nothing of ours does.</summary>
    private readonly ConcurrentDictionary<string, string> _standing = new(StringComparer.Ordinal);

    /// <summary>Makes the rule what the agent's SLO says, or takes it away with the SLO.</summary>
    public async ValueTask ApplyAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        var wanted = agent.Spec.Slo is null ? null : PrometheusRuleManifest.Render(agent, labels);
        var digest = wanted is null ? "" : Projection.Of(wanted);
        if (_standing.TryGetValue(agent.Metadata.Uid, out var standing) && standing == digest)
        {
            return;
        }

        var key = new ObjectKey(agent.Metadata.Namespace, PrometheusRuleManifest.Name(agent));
        try
        {
            if (!await client.Discovery.ServesAsync(PrometheusRuleManifest.Type, cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            var live = await client.GetAsync(Rules, key, cancellationToken).ConfigureAwait(false);
            if (live is not null && OwnerReference.ControllerUid(live.Value) != agent.Metadata.Uid)
            {
                logger.RuleIsForeign(key);
            }
            else if (wanted is not null)
            {
                await MakeAsync(key, wanted, live, cancellationToken).ConfigureAwait(false);
            }
            else if (live is not null)
            {
                await client.DeleteAsync(PrometheusRuleManifest.Type, key, new DeleteOptions { Uid = live.Uid }, cancellationToken).ConfigureAwait(false);
                logger.RuleDeleted(key);
            }

            _standing[agent.Metadata.Uid] = digest;
        }
        catch (ApiException e)
        {
            logger.RuleRefused(key, e.Message);
        }
    }

    /// <summary>Forgets an agent that is gone; its rule goes with it.</summary>
    public void Forget(string uid) => _standing.TryRemove(uid, out _);

    private async ValueTask MakeAsync(ObjectKey key, JsonObject wanted, ApiObject<JsonObject>? live, CancellationToken cancellationToken)
    {
        if (live is not null && Projection.Of(live.Value, wanted) == Projection.Of(wanted, wanted))
        {
            return;
        }

        await client.ApplyAsync(Rules, wanted, new ApplyOptions(ChildApplier.FieldManager, Force: true), cancellationToken).ConfigureAwait(false);
        logger.RuleApplied(key);
    }
}
