using System.Diagnostics;

namespace InferenceRuntime.Tracing;

/// <summary>What a batch tells a request that ran in it, wholly or with a piece. All times are timestamps of the engine's clock.</summary>
/// <param name="Batch">The batch's span.</param>
/// <param name="AcceptedAt">When the queue accepted the request.</param>
/// <param name="FreeSince">Since when some instance had nothing to run; before it the request waited for an instance, after it for company.</param>
/// <param name="ClosedAt">When the batch closed.</param>
/// <param name="EndedAt">When the answers lay ready, or the batch failed.</param>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="Requests">Requests in it.</param>
internal readonly record struct ExecutionNote(
    ActivityContext Batch, long AcceptedAt, long FreeSince, long ClosedAt, long EndedAt, int Rows, int Requests);
