using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Control;

/// <summary>Keeps what controllers learned over a restart of the operator: files, or ConfigMaps.</summary>
internal interface ILearnedStore
{
    /// <summary>What was kept of an agent; null: nothing.</summary>
    /// <exception cref="WorkloadException">It cannot be read.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReadAsync(InferenceAgent agent, CancellationToken cancellationToken);

    /// <summary>Keeps the state of an agent in place of what was kept before.</summary>
    /// <exception cref="WorkloadException">It cannot be kept.</exception>
    ValueTask WriteAsync(InferenceAgent agent, ReadOnlyMemory<byte> state, CancellationToken cancellationToken);
}
