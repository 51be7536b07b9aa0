namespace InferenceOperator.Benchmarks.Serving;

/// <summary>How often and how long contestants run. They take turns, and the median of the rounds counts.</summary>
/// <param name="Rounds">Turns of each.</param>
/// <param name="Run">Length of a turn.</param>
/// <param name="Bare">Length of a bare loop's turn.</param>
/// <param name="Settle">Longest warm-up of each.</param>
/// <param name="FloodSeconds">Length of a flood, at least 2 s: the first one is not counted.</param>
internal sealed record Effort(int Rounds, TimeSpan Run, TimeSpan Bare, TimeSpan Settle, int FloodSeconds)
{
    public static readonly Effort Full = new(Rounds: 5, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(10), FloodSeconds: 4);
    public static readonly Effort Quick = new(Rounds: 2, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(2), FloodSeconds: 2);
}
