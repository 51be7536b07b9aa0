namespace InferenceOperator.Core.Observation;

/// <summary>Requests that the SLO counts, and those of them within it.</summary>
public readonly record struct SloSums(double Requests, double Met)
{
    public static SloSums operator +(SloSums left, SloSums right) => new(left.Requests + right.Requests, left.Met + right.Met);
}
