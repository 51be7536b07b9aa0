namespace InferenceOperator.Benchmarks.Serving;

/// <summary>How often and how long contestants run. They take turns, and the median of the rounds counts.</summary>
internal sealed record Effort(int Rounds, TimeSpan Run, TimeSpan Bare)
{
    public static readonly Effort Full = new(Rounds: 3, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(3));
    public static readonly Effort Quick = new(Rounds: 1, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(0.7));
}
