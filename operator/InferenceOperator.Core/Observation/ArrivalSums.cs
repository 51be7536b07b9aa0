namespace InferenceOperator.Core.Observation;

/// <summary>Sums over closed windows of 100 ms in which arrivals were counted.</summary>
/// <param name="Windows">n.</param>
/// <param name="Requests">Σk.</param>
/// <param name="RequestsSquared">Σk².</param>
/// <param name="Rows">Rows that arrived.</param>
public readonly record struct ArrivalSums(double Windows, double Requests, double RequestsSquared, double Rows)
{
    public static ArrivalSums operator +(ArrivalSums l, ArrivalSums r) => new(
        l.Windows + r.Windows, l.Requests + r.Requests, l.RequestsSquared + r.RequestsSquared, l.Rows + r.Rows);

    public static ArrivalSums operator -(ArrivalSums l, ArrivalSums r) => l + (r * -1);

    public static ArrivalSums operator *(ArrivalSums l, double f) => new(l.Windows * f, l.Requests * f, l.RequestsSquared * f, l.Rows * f);
}
