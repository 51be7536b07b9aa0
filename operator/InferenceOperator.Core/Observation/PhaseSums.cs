namespace InferenceOperator.Core.Observation;

/// <summary>Seconds spent by answered requests, by phase: Latency = T_queue + T_compute + T_communication + T_overhead.</summary>
public readonly record struct PhaseSums(double Queue, double Compute, double Communication, double Overhead)
{
    public static PhaseSums operator +(PhaseSums l, PhaseSums r) => new(
        l.Queue + r.Queue, l.Compute + r.Compute, l.Communication + r.Communication, l.Overhead + r.Overhead);

    public static PhaseSums operator -(PhaseSums l, PhaseSums r) => l + (r * -1);

    public static PhaseSums operator *(PhaseSums l, double f) => new(l.Queue * f, l.Compute * f, l.Communication * f, l.Overhead * f);
}
