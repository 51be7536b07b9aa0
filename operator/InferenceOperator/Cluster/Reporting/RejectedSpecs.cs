using System.Collections.Concurrent;
using System.Collections.Immutable;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Cluster.Reporting;

/// <summary>Agents whose newest spec is not accepted, by key; the last accepted spec goes on being served. Thread safe.</summary>
internal sealed class RejectedSpecs
{
    private readonly ConcurrentDictionary<string, Rejection> _rejections = new(StringComparer.Ordinal);

    /// <param name="Generation">Generation of the spec.</param>
    /// <param name="Errors">What is wrong, at least one.</param>
    public sealed record Rejection(long Generation, ImmutableArray<FieldError> Errors);

    /// <summary>What is wrong with the agent's newest spec; null: nothing.</summary>
    public Rejection? Find(string agent) => _rejections.GetValueOrDefault(agent);

    public void Set(string agent, Rejection rejection) => _rejections[agent] = rejection;

    public void Clear(string agent) => _rejections.TryRemove(agent, out _);
}
