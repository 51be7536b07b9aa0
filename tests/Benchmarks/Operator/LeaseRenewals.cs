using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Benchmarks.Operator;

/// <summary>Counts the writes of Leases, the one thing that an operator has to write while nothing changes; they are not among <see cref="OperatorFigures.Writes"/>.</summary>
internal sealed class LeaseRenewals
{
    private readonly Informer<JsonObject> _leases;
    private long _count;

    public LeaseRenewals(KubernetesClient client) => _leases = new(
        client,
        Resource.Untyped(ResourceType.Leases),
        new InformerOptions<JsonObject> { Scope = ResourceScope.In(OperatorProcess.LeaseNamespace) },
        _ => Interlocked.Increment(ref _count),
        NullLogger.Instance);

    public long Count => Interlocked.Read(ref _count);

    public Task RunAsync(CancellationToken cancellationToken) => _leases.RunAsync(cancellationToken);
}
