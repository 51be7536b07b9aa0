namespace InferenceOperator.Benchmarks.Local;

/// <summary>One second of a run with a burst variant.</summary>
/// <param name="Phase">0 before the step, 1 in it, 2 after it; −1 during warm-up.</param>
/// <param name="Answered">Requests answered.</param>
/// <param name="P99Ms">99th percentile of their latency at the client, ms.</param>
/// <param name="Ready">Replicas that answer.</param>
/// <param name="Answers">The variant that answers.</param>
/// <param name="ByBurst">Requests that the replicas of this second gave to the burst variant so far.</param>
internal sealed record BurstSecond(int Phase, long Answered, double P99Ms, int Ready, string Answers, double ByBurst);
