using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Turns an error text of ONNX Runtime into an answer.</summary>
internal static class RunFailure
{
    private const int ReasonLengthMax = 400;

    private static readonly string[] MemoryMarks = ["Failed to allocate memory", "bad_alloc", "bad allocation", "BFCArena", "out of memory", "_ALLOC_FAILED"];

    // The form of every complaint of CUDA and its libraries ("CUDNN failure 8: … ; GPU=0 ; hostname=…"), and TensorRT's.
    private static readonly string[] DeviceMarks = [" ; GPU=", "TensorRT EP "];

    /// <summary>
    /// Lack of memory is the server's lack, and fewer rows may run. An accelerator that fails is the server's fault too. All else is refused:
    /// operators are functions of their input, so an error in one is an error of the input that the model's declaration could not rule out.
    /// </summary>
    public static RunResult From(string message, TimeSpan compute)
    {
        foreach (var mark in MemoryMarks)
        {
            if (message.Contains(mark, StringComparison.OrdinalIgnoreCase))
            {
                return new RunResult(RunStatus.OutOfMemory, compute, message);
            }
        }

        if (DeviceMarks.Any(mark => message.Contains(mark, StringComparison.Ordinal)))
        {
            return new RunResult(RunStatus.Failed, compute, $"the accelerator failed: {Clean(message)}");
        }

        return new RunResult(RunStatus.Refused, compute, $"the model does not run on this input: {Clean(message)}");
    }

    /// <summary>The text without error codes, paths and signatures of the library's source.</summary>
    public static string Clean(string message)
    {
        if (DeviceComplaint(message) is { } complaint)
        {
            return complaint;
        }

        var text = message.AsSpan();
        if (text.StartsWith("[ErrorCode:") && text.IndexOf(']') is var end and >= 0)
        {
            text = text[(end + 1)..].Trim();
        }

        const string Running = "Non-zero status code returned while running ";
        if (text.StartsWith(Running))
        {
            text = text[Running.Length..];
        }

        // What follows a failed check in the source is "path:line function condition was false. explanation".
        const string Check = " was false.";
        const string Status = "Status Message:";
        var node = string.Empty;
        if (text.IndexOf(Status) is var at and >= 0)
        {
            node = $"{text[..at].Trim().ToString().Replace(" node. Name:", " ", StringComparison.Ordinal).Trim()}: ";
            text = text[(at + Status.Length)..];
        }

        if (text.IndexOf(Check) is var check and >= 0 && !text[(check + Check.Length)..].IsWhiteSpace())
        {
            text = text[(check + Check.Length)..];
        }

        var cleaned = node + string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(IsNotSource));
        return cleaned.Length <= ReasonLengthMax ? cleaned : $"{cleaned.AsSpan(0, ReasonLengthMax)}…";
    }

    // "… CUDNN failure 1001: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=… ; file=…" after the signature of the function that checks.
    private static string? DeviceComplaint(string message)
    {
        var end = message.IndexOf(" ; hostname=", StringComparison.Ordinal);
        var failure = end < 0 ? -1 : message.LastIndexOf(" failure ", end, StringComparison.Ordinal);
        return failure < 0 ? null : message[(message.LastIndexOf(' ', failure - 1) + 1)..end];
    }

    private static bool IsNotSource(string word) =>
        !(word.Contains(".cc:", StringComparison.Ordinal) || word.Contains(".h:", StringComparison.Ordinal)
            || word.Contains("onnxruntime::", StringComparison.Ordinal)
            || (word.StartsWith('/') && word.Contains("onnxruntime", StringComparison.Ordinal)));
}
