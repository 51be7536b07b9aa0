namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>Running sums over all replicas, as scrapes saw them; what a replica did since its last scrape counts to the next.</summary>
/// <param name="Arrived">Requests that came.</param>
/// <param name="Answered">Requests answered.</param>
/// <param name="Met">Answered within the target.</param>
/// <param name="HeldSeconds">Request seconds.</param>
/// <param name="BusySeconds">Seconds of executions.</param>
/// <param name="ReplicaSeconds">Seconds of replicas to which the others belong.</param>
public readonly record struct TrafficSums(double Arrived, double Answered, double Met, double HeldSeconds, double BusySeconds, double ReplicaSeconds)
{
    public static TrafficSums operator +(TrafficSums l, TrafficSums r) => new(
        l.Arrived + r.Arrived, l.Answered + r.Answered, l.Met + r.Met, l.HeldSeconds + r.HeldSeconds, l.BusySeconds + r.BusySeconds, l.ReplicaSeconds + r.ReplicaSeconds);

    public static TrafficSums operator -(TrafficSums l, TrafficSums r) => new(
        l.Arrived - r.Arrived, l.Answered - r.Answered, l.Met - r.Met, l.HeldSeconds - r.HeldSeconds, l.BusySeconds - r.BusySeconds, l.ReplicaSeconds - r.ReplicaSeconds);
}
