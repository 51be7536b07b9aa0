namespace InferenceRuntime.Contract;

/// <summary>
/// Where a replica can be reached: the JSON that it writes to <c>--port-file</c> when it is ready, for a parent process that let
/// it choose its ports.
/// </summary>
/// <param name="Http">Open Inference Protocol v2 over REST.</param>
/// <param name="Metrics">Metrics and probes.</param>
/// <param name="Admin">Settings and state.</param>
/// <param name="ProcessId">The replica's process.</param>
/// <param name="Grpc">The same protocol over gRPC; null in a file of a replica that has no such port.</param>
public sealed record ReplicaEndpoints(Uri Http, Uri Metrics, Uri Admin, int ProcessId, Uri? Grpc = null);
