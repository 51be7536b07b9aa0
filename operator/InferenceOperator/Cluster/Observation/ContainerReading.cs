using System.Globalization;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Cluster.Observation;

/// <summary>Reads from what a kubelet says of a container why it does not run. Pure.</summary>
internal static class ContainerReading
{
    /// <summary>An exit code beyond this is that much more than the signal which ended the process.</summary>
    private const int Signals = 128;

    /// <summary>What keeps the container from running; only to be asked of one that does not.</summary>
    public static ReplicaFault Fault(ContainerState? container) => (container?.State?.Waiting?.Reason, container?.State?.Terminated ?? container?.LastState?.Terminated) switch
    {
        ("ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" or "RegistryUnavailable", _) => ReplicaFault.ImageUnavailable,
        ("CreateContainerConfigError" or "CreateContainerError" or "RunContainerError", _) => ReplicaFault.Misconfigured,
        (_, { ExitCode: RuntimeExitCodes.ModelRejected }) => ReplicaFault.ModelRejected,
        (_, { Reason: "OOMKilled" }) => ReplicaFault.OutOfMemory,
        _ => ReplicaFault.Crashes,
    };

    /// <summary>Why it waits.</summary>
    public static string Waiting(ContainerWaiting waiting, ContainerState container) => (waiting.Reason, Fault(container)) switch
    {
        ("CrashLoopBackOff", _) when container.LastState?.Terminated is { } end => Restarted(end, container.RestartCount),
        (_, ReplicaFault.ImageUnavailable) => $"the image cannot be pulled ({waiting.Reason}): {waiting.Message}",
        (_, ReplicaFault.Misconfigured) => $"the container cannot be made as the template says ({waiting.Reason}): {waiting.Message}",
        _ => $"{waiting.Reason}: {waiting.Message}",
    };

    /// <summary>How it ended.</summary>
    public static string Ended(ContainerTermination end) => end switch
    {
        { Reason: "OOMKilled" } => "out of memory: raise template.resources.limits.memory",
        { Message: { Length: > 0 } message } => message.Trim(),
        _ => string.Create(CultureInfo.InvariantCulture, $"ended with exit code {end.ExitCode} ({Cause(end)})"),
    };

    private static string Restarted(ContainerTermination end, int restarts) => end.ExitCode == RuntimeExitCodes.ModelRejected || restarts == 0
        ? Ended(end)
        : string.Create(CultureInfo.InvariantCulture, $"{Ended(end)}; started again {restarts} times");

    private static string Cause(ContainerTermination end) => (end.ExitCode - Signals) switch
    {
        4 => "SIGILL: the image is built for another processor",
        6 => "SIGABRT",
        9 => "SIGKILL: it did not end in time when told to, or the node ran out of memory",
        11 => "SIGSEGV",
        15 => "SIGTERM: it was told to end, for example by its liveness probe",
        _ => end.Reason ?? "no reason",
    };
}
