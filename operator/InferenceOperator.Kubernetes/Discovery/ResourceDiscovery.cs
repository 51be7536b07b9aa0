using System.Collections.Concurrent;
using System.Collections.Immutable;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Models;
using InferenceOperator.Kubernetes.Transport;

namespace InferenceOperator.Kubernetes.Discovery;

/// <summary>Which resource types the API server serves. Answers are kept; a "no" is asked again after a while. Safe for several threads.</summary>
public sealed class ResourceDiscovery
{
    /// <summary>How long a missing type is believed missing; custom resource definitions appear while a program runs.</summary>
    public static readonly TimeSpan MissBelievedFor = TimeSpan.FromSeconds(10);

    private readonly ApiTransport _transport;
    private readonly SteadyClock _time;
    private readonly ConcurrentDictionary<(string Group, string Version), Served> _served = new();

    internal ResourceDiscovery(ApiTransport transport, TimeProvider time)
    {
        _transport = transport;
        _time = new SteadyClock(time);
    }

    /// <summary>The resource type whose objects call themselves so; null when this API server has none.</summary>
    public async Task<ResourceType?> FindAsync(GroupVersionKind kind, CancellationToken cancellationToken)
    {
        var now = _time.Now;
        var group = (kind.Group, kind.Version);
        if (_served.TryGetValue(group, out var known) && (known.Find(kind) is not null || now - known.At < MissBelievedFor))
        {
            return known.Find(kind);
        }

        var asked = new Served(await AskAsync(kind.Group, kind.Version, cancellationToken).ConfigureAwait(false), now);
        _served[group] = asked;
        return asked.Find(kind);
    }

    /// <summary>Whether this API server serves the type.</summary>
    public async Task<bool> ServesAsync(ResourceType type, CancellationToken cancellationToken) =>
        await FindAsync(type.GroupVersionKind, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>The first of the types that this API server serves; null when it serves none.</summary>
    public async Task<ResourceType?> FirstServedAsync(IEnumerable<ResourceType> candidates, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
        {
            if (await ServesAsync(candidate, cancellationToken).ConfigureAwait(false))
            {
                return candidate;
            }
        }

        return null;
    }

    private async Task<ImmutableArray<ResourceType>> AskAsync(string group, string version, CancellationToken cancellationToken)
    {
        var path = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
        var request = new ApiRequest(HttpMethod.Get, path, $"discover {path}");
        try
        {
            var list = await _transport.SendAsync(request, KubernetesJson.Default.ApiResourceList, cancellationToken).ConfigureAwait(false);
            return
            [
                .. (list.Resources ?? [])
                    .Where(static resource => !resource.Name.Contains('/', StringComparison.Ordinal))
                    .Select(resource => new ResourceType(group, version, resource.Name, resource.Kind, resource.Namespaced)),
            ];
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.NotFound)
        {
            return [];
        }
    }

    private sealed record Served(ImmutableArray<ResourceType> Types, DateTimeOffset At)
    {
        public ResourceType? Find(GroupVersionKind kind) => Types.FirstOrDefault(type => type.Kind == kind.Kind);
    }
}
