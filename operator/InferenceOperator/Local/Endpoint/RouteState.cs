using System.Collections.Immutable;

namespace InferenceOperator.Local.Endpoint;

/// <summary>What one agent's route points at, swapped whole.</summary>
/// <param name="Upstreams">Replicas that take requests.</param>
/// <param name="MoreComing">True when a replica is starting or about to be started, so that waiting for it makes sense.</param>
/// <param name="Reason">Why there is none, for the reply to a client.</param>
internal sealed record RouteState(ImmutableArray<Upstream> Upstreams, bool MoreComing, string Reason)
{
    /// <summary>Before anything is known of the agent's replicas.</summary>
    public static RouteState Initial { get; } = new([], MoreComing: true, "its first replica is being started");
}
