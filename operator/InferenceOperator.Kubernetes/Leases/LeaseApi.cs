using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Kubernetes.Leases;

/// <summary>Reads and writes the Leases of one group (<c>coordination.k8s.io/v1</c>, from Kubernetes 1.14 on) in one namespace.</summary>
/// <param name="client">A client of its own: renewals must not wait behind other requests' rate limit, and are not to be sent again late.</param>
/// <param name="ns">The namespace.</param>
/// <param name="group">The value of the label <see cref="GroupLabel"/> that ties the Leases together.</param>
/// <param name="identity">Who writes.</param>
/// <param name="timing">How long they are good.</param>
internal sealed class LeaseApi(KubernetesClient client, string ns, string group, string identity, LeaseTiming timing)
{
    /// <summary>On every Lease of a group.</summary>
    public const string GroupLabel = "inferenceoperator.io/lease-group";

    private static readonly Resource<JsonObject> Leases = Resource.Untyped(ResourceType.Leases);

    /// <summary>All Leases of the group, read anew: what was written before this call is in it.</summary>
    public async Task<ImmutableArray<LeaseState>> ListAsync(CancellationToken cancellationToken)
    {
        var list = await client.ListAsync(Leases, new ResourceScope { Namespace = ns, LabelSelector = $"{GroupLabel}={group}" }, cancellationToken).ConfigureAwait(false);
        return [.. list.Items.Select(Read)];
    }

    /// <summary>Writes the Lease to this contender, bound to the state that was seen.</summary>
    /// <returns>The new state; null: it was not in that state any more.</returns>
    public async Task<LeaseState?> ClaimAsync(string name, LeaseState? seen, CancellationToken cancellationToken)
    {
        var isRenewal = seen?.Holder == identity;
        var spec = new JsonObject
        {
            ["holderIdentity"] = identity,
            ["leaseDurationSeconds"] = (int)timing.Duration.TotalSeconds,
            ["renewTime"] = Now(),
        };
        if (!isRenewal)
        {
            spec["acquireTime"] = Now();
            spec["leaseTransitions"] = seen is null ? 0 : seen.Transitions + 1;
        }

        return await WriteAsync(name, seen, spec, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes that nobody holds the Lease, bound to the state that was seen.</summary>
    /// <returns>The new state; null: it was not in that state any more.</returns>
    public Task<LeaseState?> GiveUpAsync(LeaseState seen, CancellationToken cancellationToken) =>
        WriteAsync(seen.Name, seen, new JsonObject { ["holderIdentity"] = "", ["renewTime"] = Now() }, cancellationToken);

    /// <summary>Removes a Lease, if it is still in that state.</summary>
    public async Task DeleteAsync(LeaseState seen, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync(ResourceType.Leases, new(ns, seen.Name), new DeleteOptions { ResourceVersion = seen.ResourceVersion }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.Conflict)
        {
            // Somebody uses it.
        }
    }

    private async Task<LeaseState?> WriteAsync(string name, LeaseState? seen, JsonObject spec, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject { ["labels"] = new JsonObject { [GroupLabel] = group } };
        try
        {
            if (seen is not null)
            {
                metadata["resourceVersion"] = seen.ResourceVersion;
                var patch = new JsonObject { ["metadata"] = metadata, ["spec"] = spec };
                return Read(await client.PatchAsync(Leases, new(ns, name), patch, group, cancellationToken).ConfigureAwait(false));
            }

            metadata["namespace"] = ns;
            metadata["name"] = name;
            var lease = new JsonObject { ["apiVersion"] = "coordination.k8s.io/v1", ["kind"] = "Lease", ["metadata"] = metadata, ["spec"] = spec };
            return Read(await client.CreateAsync(Leases, lease, cancellationToken).ConfigureAwait(false));
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.Conflict or ApiErrorReason.AlreadyExists or ApiErrorReason.NotFound)
        {
            return null;
        }
    }

    private static LeaseState Read(ApiObject<JsonObject> found)
    {
        var spec = found.Value["spec"] as JsonObject;
        return new LeaseState(
            found.Key.Name,
            found.ResourceVersion,
            spec?["holderIdentity"] is JsonValue holder && holder.TryGetValue<string>(out var name) ? name : "",
            TimeSpan.FromSeconds(Number(spec, "leaseDurationSeconds")),
            Number(spec, "leaseTransitions"));
    }

    private static int Number(JsonObject? spec, string field) => spec?[field] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;

    /// <summary>For people; nothing reads it.</summary>
    private string Now() => client.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
