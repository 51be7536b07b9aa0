using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Queues;

namespace InferenceOperator.Cluster.Policies;

/// <summary>The InferencePolicies of the cluster, and what they make of an agent.</summary>
/// <remarks>
/// Namespaces are watched only once a policy selects by their labels. Where those may not be read such a policy selects nobody, and its status says so. Safe for several threads.
/// </remarks>
internal sealed class ClusterPolicies : IDisposable
{
    /// <summary>Longest that agents wait for the first look at the policies before they are taken without.</summary>
    private static readonly TimeSpan LookedWithin = TimeSpan.FromSeconds(10);

    private readonly GpuPrices? _prices;
    private readonly Action _changed;
    private readonly TimeProvider _time;
    private readonly ServedWatch<JsonObject> _policies;
    private readonly ServedWatch<NamespaceState> _namespaces;
    private readonly PolicyStatus _status;
    private readonly WorkQueue<ObjectKey> _told;
    private readonly TaskCompletionSource _byNamespace = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<InferencePolicy> _current = [];

    /// <param name="client">The API server.</param>
    /// <param name="prices">What devices cost; null: all the same.</param>
    /// <param name="changed">Hears that agents may have to be judged anew. Called on a watch's turn; must return at once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of what cannot be read.</param>
    public ClusterPolicies(KubernetesClient client, GpuPrices? prices, Action changed, TimeProvider time, ILogger logger)
    {
        (_prices, _changed, _time) = (prices, changed, time);
        _policies = new(client, [PolicyStatus.Policies], Resource.Untyped, [new()], change => Take(change.Key), logger.PoliciesUnknown, time, logger) { Published = TakeAll };
        _namespaces = new(client, [ResourceType.Namespaces], static type => new(type, ClusterJson.Default.NamespaceState), [new()], _ => _changed(), logger.NamespacesUnknown, time, logger) { Published = TakeAll };
        _status = new(client, time);
        _told = new WorkQueue<ObjectKey>(new WorkQueueOptions { PauseMax = TimeSpan.FromMinutes(1) }, time, logger);
    }

    /// <summary>Completes when the policies are known as far as they can be, or 10 s have passed.</summary>
    public async Task LookedAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAny(LookedAtAllAsync(), Task.Delay(LookedWithin, _time, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>What the policies make of an agent.</summary>
    public PolicyJudgement Judge(InferenceAgent agent)
    {
        var policies = _current;
        return policies.IsEmpty ? new(agent, []) : PolicyRules.Judge(agent, LabelsOf(agent.Metadata.Namespace), policies.Where(IsInForce), _prices);
    }

    /// <summary>Follows them until cancelled. Run it once, and await it.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _policies.RunAsync(cancellationToken),
        FollowNamespacesAsync(cancellationToken),
        _told.RunAsync(1, TellAsync, cancellationToken));

    public void Dispose() => _told.Dispose();

    private static PolicyReading Read(ApiObject<JsonObject> found)
    {
        var typed = (JsonObject)found.Value.DeepClone();
        (typed["apiVersion"], typed["kind"]) = (ResourceNames.ApiVersion, PolicyNames.Kind);
        return PolicyManifest.Read(typed);
    }

    private bool IsInForce(InferencePolicy policy) => policy.Spec.Namespaces is null || _namespaces.Unknown is null;

    private ImmutableSortedDictionary<string, string>? LabelsOf(string ns) => _namespaces.Find(ObjectKey.ClusterScoped(ns))?.Value.Metadata.Labels;

    private async Task LookedAtAllAsync()
    {
        await _policies.Looked.ConfigureAwait(false);
        if (_byNamespace.Task.IsCompleted)
        {
            await _namespaces.Looked.ConfigureAwait(false);
        }
    }

    private async Task FollowNamespacesAsync(CancellationToken cancellationToken)
    {
        await _byNamespace.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _namespaces.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Take(ObjectKey policy)
    {
        Recall();
        _told.Add(policy);
        _changed();
    }

    private void TakeAll()
    {
        var matters = Recall();
        foreach (var found in _policies.Snapshot())
        {
            _told.Add(found.Key);
        }

        // In a cluster without policies every start would have all agents looked at once more.
        if (matters)
        {
            _changed();
        }
    }

    /// <returns>Whether there is, or was until now, a policy that may count.</returns>
    private bool Recall()
    {
        ImmutableArray<InferencePolicy> all = [.. _policies.Snapshot().Select(Read).OfType<PolicyReading.Accepted>().Select(static reading => reading.Policy)];
        var before = ImmutableInterlocked.InterlockedExchange(ref _current, all);
        if (all.Any(static policy => policy.Spec.Namespaces is not null))
        {
            _byNamespace.TrySetResult();
        }

        return !all.IsEmpty || !before.IsEmpty;
    }

    private async Task<WorkOutcome> TellAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_policies.Find(key) is not { } policy)
        {
            return WorkOutcome.Finished;
        }

        var problem = Read(policy) switch
        {
            PolicyReading.Rejected rejected => string.Join("; ", rejected.Errors),
            PolicyReading.Accepted { Policy: var accepted } when !IsInForce(accepted) => $"it selects by labels of namespaces, and these are not known: {_namespaces.Unknown}",
            _ => null,
        };
        return await _status.WriteAsync(policy, problem, cancellationToken).ConfigureAwait(false) ? WorkOutcome.Finished : WorkOutcome.Failed;
    }
}
