namespace InferenceRuntime.Contract;

/// <summary>
/// Values of the label <c>phase</c>: Latency = T_queue + T_compute + T_communication + T_overhead. The four add up to the
/// request's whole latency at the server.
/// </summary>
public static class RequestPhases
{
    /// <summary>Accepted until its batch closed: waiting for a slot and for company.</summary>
    public const string Queue = "queue";

    /// <summary>The execution of its batch by ONNX Runtime.</summary>
    public const string Compute = "compute";

    /// <summary>Reading the body from and writing the reply to the socket, and copies to and from the execution's buffers.</summary>
    public const string Communication = "communication";

    /// <summary>All the rest: parsing, checking, formatting, scheduling.</summary>
    public const string Overhead = "overhead";

    public static IReadOnlyList<string> All { get; } = [Queue, Compute, Communication, Overhead];
}
