namespace InferenceRuntime.Core.Statistics;

/// <summary>Arrivals counted in closed windows of 100 ms; the index of dispersion is (Σk²/n − (Σk/n)²) / (Σk/n).</summary>
/// <param name="Windows">n, closed windows; grows by ten a second, idle or not.</param>
/// <param name="Requests">Σk, requests in closed windows.</param>
/// <param name="RequestsSquared">Σk².</param>
/// <param name="Rows">Rows that arrived since the start, including the window still open.</param>
public readonly record struct ArrivalSums(long Windows, long Requests, double RequestsSquared, long Rows);
