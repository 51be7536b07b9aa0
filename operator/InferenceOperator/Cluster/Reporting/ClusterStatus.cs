using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Apply;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Control;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster.Reporting;

/// <summary>Writes status to the API server, and events for what changed in it.</summary>
/// <remarks>
/// While an agent's newest spec is not accepted, its status says so on top of what the served one's loop reports. Times are told by the time
/// of day, whatever was done to that since the operator started. Thread safe.
/// </remarks>
internal sealed class ClusterStatus(KubernetesClient client, RejectedSpecs rejected, StatusEvents events, SteadyTime time) : IStatusSink
{
    private static readonly Resource<JsonObject> Agents = Resource.Untyped(ClusterView.Agents);

    private readonly ConcurrentDictionary<string, AgentStatus> _written = new(StringComparer.Ordinal);

    /// <summary>The statuses as last written, by agent's key.</summary>
    public IReadOnlyDictionary<string, AgentStatus> Written => _written;

    public async ValueTask WriteAsync(InferenceAgent agent, AgentStatus status, CancellationToken cancellationToken)
    {
        var shown = rejected.Find(agent.Key()) is { } rejection
            ? StatusPlanner.Rejected(rejection.Generation, status, rejection.Errors, time.GetUtcNow())
            : status;
        await SendAsync(new(agent.Metadata.Namespace, agent.Metadata.Name), agent.Metadata.Uid, _written.GetValueOrDefault(agent.Key()) ?? agent.Status, shown, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A status as the API server has it, with the times that the loops' clock showed then.</summary>
    public AgentStatus? Known(AgentStatus? stored) => stored is null || time.Ahead == TimeSpan.Zero ? stored : StatusTimes.Move(stored, -time.Ahead);

    /// <summary>Writes that a spec is not accepted, unless the status says so already.</summary>
    /// <param name="key">The agent.</param>
    /// <param name="uid">Its uid.</param>
    /// <param name="stored">Its status as the API server has it; null: none.</param>
    /// <param name="rejection">What is wrong.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="WorkloadException">It could not be written.</exception>
    public async ValueTask WriteRejectedAsync(ObjectKey key, string uid, AgentStatus? stored, RejectedSpecs.Rejection rejection, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var before = _written.GetValueOrDefault(key.ToString()) ?? Known(stored);
        var status = StatusPlanner.Rejected(rejection.Generation, before, rejection.Errors, now);
        if (StatusPlanner.IsWorthWriting(before, status, now))
        {
            await SendAsync(key, uid, before, status, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets an agent that is gone.</summary>
    public void Forget(string agent) => _written.TryRemove(agent, out _);

    private async ValueTask SendAsync(ObjectKey key, string uid, AgentStatus? before, AgentStatus status, CancellationToken cancellationToken)
    {
        var manifest = new JsonObject
        {
            ["apiVersion"] = ResourceNames.ApiVersion,
            ["kind"] = ResourceNames.Kind,
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["uid"] = uid },
            ["status"] = AgentManifest.Write(time.Ahead is var ahead && ahead == TimeSpan.Zero ? status : StatusTimes.Move(status, ahead)),
        };
        try
        {
            await client.ApplyStatusAsync(Agents, manifest, new(ChildApplier.FieldManager, Force: true), cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Reason is ApiErrorReason.NotFound)
        {
            // Gone meanwhile: its loop is about to end. A conflict may be that too, or only another writer at the same moment: it is tried again.
            return;
        }
        catch (ApiException e)
        {
            throw new WorkloadException(e);
        }

        _written[key.ToString()] = status;
        events.Tell(key, uid, before, status);
    }
}
