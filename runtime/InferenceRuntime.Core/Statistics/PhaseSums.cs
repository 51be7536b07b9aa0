namespace InferenceRuntime.Core.Statistics;

/// <summary>Seconds that answered requests spent in each phase; the four add up to their whole latency.</summary>
/// <param name="Requests">Answered requests that were added.</param>
/// <param name="Queue">Waiting for a slot and for company.</param>
/// <param name="Compute">The run of the batch.</param>
/// <param name="Communication">Body read, reply written, copies to and from the batch's buffers.</param>
/// <param name="Overhead">All the rest.</param>
public readonly record struct PhaseSums(long Requests, double Queue, double Compute, double Communication, double Overhead);
