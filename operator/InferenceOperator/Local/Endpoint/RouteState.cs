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

    /// <summary>True for an agent that may sleep: a request waits as long as a wake may take, and wakes it when nothing is coming.</summary>
    public bool WakesOnRequest { get; init; }

    /// <summary>True when no replica runs because none was needed, and a request is what starts one.</summary>
    public bool IsAsleep => WakesOnRequest && !MoreComing && Upstreams.IsEmpty;

    /// <summary>True when a request is answered: a replica takes it, or it wakes one.</summary>
    public bool Serves => IsAsleep || !Upstreams.IsEmpty;

    /// <summary>True when a request that finds no replica has something to wait for.</summary>
    public bool IsWorthWaiting => MoreComing || Serves;
}
