using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster.Apply;

/// <summary>Makes children so by server-side apply, and sends nothing when nothing changed.</summary>
/// <remarks>
/// A child is sent when its manifest is another than the one last sent, or when the live object no longer holds what the
/// server answered to that. After a start a child is sent unless its <see cref="AppliedMark"/> is this manifest's and the live object
/// holds every value of it. One caller at a time for one child; different children concurrently.
/// </remarks>
internal sealed class ChildApplier(KubernetesClient client, TimeProvider time, ILogger<ChildApplier> logger)
{
    /// <summary>The name under which the operator owns fields. It never changes: fields of another name would stay for ever.</summary>
    public const string FieldManager = "inference-operator";

    private readonly ConcurrentDictionary<(ChildKind Kind, string Namespace, string Name), AppliedChild> _applied = new();

    /// <summary>Makes the child so, unless it is.</summary>
    /// <param name="wanted">The child as it should be.</param>
    /// <param name="ownerUid">The agent's uid.</param>
    /// <param name="live">The child as the cache shows it; null: not there.</param>
    /// <param name="holder">Whether an autoscaler that holds the number of replicas may still be there.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <returns>What people should know although the child was applied; null: nothing.</returns>
    /// <exception cref="WorkloadException">It belongs to somebody else, or the API server did not take it.</exception>
    public async ValueTask<string?> ApplyAsync(Child wanted, string ownerUid, ApiObject<KeptObject>? live, ReplicasHolder holder, CancellationToken cancellationToken)
    {
        var slot = (wanted.Kind, wanted.Namespace, wanted.Name);
        var digest = Projection.Of(wanted.Manifest);
        if (live is not null && live.Value.ControllerUid != ownerUid)
        {
            throw Foreign(wanted);
        }

        if (_applied.TryGetValue(slot, out var last) && last.Wanted == digest && IsStill(slot, last, wanted, live))
        {
            return last.Notice;
        }

        if (last is null && live?.Value.Read() is { } seen && AppliedMark.IsOn(seen, digest) && Projection.Of(seen, wanted.Manifest) is var holds && holds == Projection.Of(wanted.Manifest, wanted.Manifest))
        {
            _applied[slot] = new(digest, holds, live.ResourceVersion, Replaced: null, time.GetUtcNow(), Notice: null);
            return null;
        }

        if (last is null && live is null)
        {
            await RefuseForeignAsync(wanted, ownerUid, cancellationToken).ConfigureAwait(false);
        }

        var (applied, notice) = await SendAsync(wanted, digest, holder, cancellationToken).ConfigureAwait(false);
        if (applied.ResourceVersion != live?.ResourceVersion)
        {
            logger.ChildApplied(wanted.Kind, wanted.Namespace, wanted.Name);
        }

        _applied[slot] = new(digest, Projection.Of(applied.Value, wanted.Manifest), applied.ResourceVersion, live?.ResourceVersion, time.GetUtcNow(), notice);
        return notice;
    }

    /// <summary>Deletes a child that is no longer wanted, if it is still the one that was seen.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="type">How the API server calls it.</param>
    /// <param name="live">The child as the cache shows it.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <exception cref="WorkloadException">The API server did not do it.</exception>
    public async ValueTask DeleteAsync(ChildKind kind, ResourceType type, ApiObject<KeptObject> live, CancellationToken cancellationToken)
    {
        _applied.TryRemove((kind, live.Key.Namespace, live.Key.Name), out _);
        try
        {
            await client.DeleteAsync(type, live.Key, new DeleteOptions { Uid = live.Uid }, cancellationToken).ConfigureAwait(false);
            logger.ChildDeleted(kind, live.Key.Namespace, live.Key.Name);
        }
        catch (ApiException e)
        {
            throw new WorkloadException(e);
        }
    }

    /// <summary>Whether this state of a child is the one that the operator made last. What was made a moment ago may not be known as that yet.</summary>
    public bool Made(ChildKind kind, ObjectKey key, string resourceVersion) =>
        _applied.TryGetValue((kind, key.Namespace, key.Name), out var last) && last.ResourceVersion == resourceVersion;

    /// <summary>Forgets a child that was seen to be gone.</summary>
    public void Forget(ChildKind kind, ObjectKey key) => _applied.TryRemove((kind, key.Namespace, key.Name), out _);

    private bool IsStill((ChildKind, string, string) slot, AppliedChild last, Child wanted, ApiObject<KeptObject>? live)
    {
        if (live?.ResourceVersion == last.ResourceVersion)
        {
            return true;
        }

        if (live?.ResourceVersion == last.Replaced && time.GetUtcNow() - last.At < AppliedChild.LagMax)
        {
            return true;
        }

        if (live is null || Projection.Of(live.Value.Read(), wanted.Manifest) != last.Live)
        {
            return false;
        }

        _applied[slot] = last with { ResourceVersion = live.ResourceVersion };
        return true;
    }

    private async ValueTask<(ApiObject<JsonObject> Applied, string? Notice)> SendAsync(Child wanted, string digest, ReplicasHolder holder, CancellationToken cancellationToken)
    {
        var resource = Resource.Untyped(wanted.Type);
        var manifest = AppliedMark.Put(wanted.Manifest, digest);
        try
        {
            var outcome = await client.ApplyAsync(resource, manifest, new(FieldManager, Force: false), cancellationToken).ConfigureAwait(false);
            string? notice = null;
            if (outcome is ApplyOutcome<JsonObject>.Conflicted { Conflicts: var conflicts })
            {
                if (ConflictRule.AutoscalerIn(conflicts, holder) is { } autoscaler)
                {
                    manifest = (JsonObject)manifest.DeepClone();
                    manifest["spec"]!.AsObject().Remove("replicas");
                    notice = $"spec.replicas of {wanted} is held by {autoscaler}: point it at the InferenceAgent's scale instead of the Deployment's";
                }

                logger.FieldsTakenBack(wanted.Kind, wanted.Namespace, wanted.Name, string.Join(", ", conflicts.Select(static c => $"{c.Field} ({c.Manager})")));
                outcome = await client.ApplyAsync(resource, manifest, new(FieldManager, Force: true), cancellationToken).ConfigureAwait(false);
            }

            return outcome is ApplyOutcome<JsonObject>.Applied { Object: var applied }
                ? (applied, notice)
                : throw new WorkloadException($"{wanted} could not be applied: the API server reports a conflict although it was told to force");
        }
        catch (ApiException e)
        {
            throw new WorkloadException(e);
        }
    }

    /// <summary>The cache only shows what carries the operator's label: a foreign object of the same name has to be asked for.</summary>
    private async ValueTask RefuseForeignAsync(Child wanted, string ownerUid, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.GetAsync(Resource.Untyped(wanted.Type), new(wanted.Namespace, wanted.Name), cancellationToken).ConfigureAwait(false);
            if (found is not null && OwnerReference.ControllerUid(found.Value) != ownerUid)
            {
                throw Foreign(wanted);
            }
        }
        catch (ApiException e)
        {
            throw new WorkloadException(e);
        }
    }

    private static WorkloadException Foreign(Child wanted) =>
        new($"{wanted} exists and does not belong to this InferenceAgent; it is left alone: rename one of the two") { IsRefusal = true };
}
