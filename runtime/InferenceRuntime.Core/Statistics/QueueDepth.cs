namespace InferenceRuntime.Core.Statistics;

/// <summary>What waits in the queue at one moment.</summary>
public readonly record struct QueueDepth(int Requests, long Rows, long Bytes);
