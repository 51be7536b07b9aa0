namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>What goes wrong on the way to the API server; see <see cref="Trouble"/>.</summary>
public sealed record TroublePlan(double Share = 0, double DelaySecondsMax = 0, double WatchesLiveSeconds = 0);
