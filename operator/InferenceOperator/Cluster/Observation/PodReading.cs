using System.Globalization;
using System.Net;
using System.Net.Sockets;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Cluster.Observation;

/// <summary>Reads from a Pod where a replica stands, and why. Pure.</summary>
internal static class PodReading
{
    /// <summary>Longest text taken over from a kubelet, scheduler or runtime.</summary>
    public const int MessageLengthMax = 512;

    /// <summary>The replica that a pod is.</summary>
    public static ReplicaObservation Replica(PodState pod)
    {
        var (phase, since, message) = Standing(pod);

        // A pod that has ended as a whole, by an eviction for example, has a successor and is no replica's fault.
        var container = Fetch(pod) is { State.Terminated: not { ExitCode: 0 } } fetch ? fetch : Runtime(pod);
        var fails = phase switch { ReplicaPhase.Failed => pod.Status.Phase is not ("Failed" or "Succeeded"), ReplicaPhase.Starting => container?.LastState?.Terminated is not null, _ => false };
        var fault = fails ? ContainerReading.Fault(container) : ReplicaFault.None;
        return new(pod.Metadata.Name, phase, since, Short(message), fault);
    }

    /// <summary>Why the model is not served, if this pod is a replica that refused it; else null.</summary>
    public static string? ModelProblem(PodState pod)
    {
        if (pod.Metadata.DeletionTimestamp is not null || pod.Status.Condition("Ready") is { IsTrue: true })
        {
            return null;
        }

        return (Refusal(Fetch(pod)) ?? Refusal(Runtime(pod))) is { } end
            ? Short(end.Message is { Length: > 0 } text ? text : $"replica {pod.Metadata.Name} refused the model and did not say why")
            : null;
    }

    /// <summary>Names the process behind the pod: another after each restart of the container.</summary>
    public static string Incarnation(PodState pod)
    {
        var container = Runtime(pod);
        return string.Create(CultureInfo.InvariantCulture, $"{pod.Metadata.Uid}/{container?.RestartCount ?? 0}/{container?.ContainerID}");
    }

    /// <summary>Root of a port by the name it has in the pod; null while the pod has no address, or without such a port.</summary>
    public static Uri? Address(PodState pod, string port)
    {
        var number = pod.Spec.Containers.FirstOrDefault(c => c.Name == PodManifest.Container)?.Ports.FirstOrDefault(p => p.Name == port)?.ContainerPort;
        return number is { } open && IPAddress.TryParse(pod.Status.PodIP, out var address)
            ? new UriBuilder(Uri.UriSchemeHttp, address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString(), open).Uri
            : null;
    }

    private static (ReplicaPhase Phase, DateTimeOffset Since, string Message) Standing(PodState pod)
    {
        var created = pod.Metadata.CreationTimestamp;
        var container = Runtime(pod);
        var ready = pod.Status.Condition("Ready");
        return pod switch
        {
            { Metadata.DeletionTimestamp: { } deleted } => (ReplicaPhase.Draining, deleted, ""),
            { Status.Phase: "Failed" or "Succeeded" } => (ReplicaPhase.Failed, ready?.LastTransitionTime ?? created, Ending(pod, container)),
            _ when ready is { IsTrue: true } => (ReplicaPhase.Ready, ready.LastTransitionTime ?? created, ""),
            _ when pod.Status.Condition("PodScheduled") is { IsFalse: true } unscheduled => (ReplicaPhase.Unschedulable, created, unscheduled.Message ?? "no node was found"),
            _ when Fetch(pod) is { State.Terminated: not { ExitCode: 0 } } fetch => Fetching(fetch, created),
            _ when container?.State?.Waiting is { Reason: not (null or "ContainerCreating" or "PodInitializing") } waiting =>
                (ReplicaPhase.Failed, created, ContainerReading.Waiting(waiting, container)),
            _ when container?.State?.Terminated is { } end => (ReplicaPhase.Failed, end.FinishedAt ?? created, ContainerReading.Ended(end)),
            _ when container?.LastState?.Terminated is { ExitCode: RuntimeExitCodes.ModelRejected } end => (ReplicaPhase.Failed, end.FinishedAt ?? created, ContainerReading.Ended(end)),
            _ when container?.LastState?.Terminated is { } end => (ReplicaPhase.Starting, created, $"started again after: {ContainerReading.Ended(end)}"),
            _ => (ReplicaPhase.Starting, created, ""),
        };
    }

    // Until its model is there, a pod is as far as that has come.
    private static (ReplicaPhase Phase, DateTimeOffset Since, string Message) Fetching(ContainerState fetch, DateTimeOffset created) => fetch switch
    {
        { State.Waiting: { Reason: not (null or "ContainerCreating" or "PodInitializing") } waiting } => (ReplicaPhase.Failed, created, ContainerReading.Waiting(waiting, fetch)),
        { State.Terminated: { } end } => (ReplicaPhase.Failed, end.FinishedAt ?? created, ContainerReading.Ended(end)),
        { LastState.Terminated: { ExitCode: RuntimeExitCodes.ModelRejected } end } => (ReplicaPhase.Failed, end.FinishedAt ?? created, ContainerReading.Ended(end)),
        { LastState.Terminated: { } end } => (ReplicaPhase.Starting, created, $"its model is being fetched again after: {ContainerReading.Ended(end)}"),
        { State.Waiting: null } => (ReplicaPhase.Starting, created, "its model is being fetched"),
        _ => (ReplicaPhase.Starting, created, ""),
    };

    private static ContainerTermination? Refusal(ContainerState? container) =>
        (container?.State?.Terminated ?? container?.LastState?.Terminated) is { ExitCode: RuntimeExitCodes.ModelRejected } end ? end : null;

    private static string Ending(PodState pod, ContainerState? container) =>
        container?.State?.Terminated is { } end ? ContainerReading.Ended(end) : $"{pod.Status.Reason}: {pod.Status.Message}";

    private static ContainerState? Fetch(PodState pod) => pod.Status.InitContainerStatuses.FirstOrDefault(c => c.Name == FetchContainer.Name);

    private static ContainerState? Runtime(PodState pod) => pod.Status.ContainerStatuses.FirstOrDefault(c => c.Name == PodManifest.Container);

    private static string Short(string text) => text.Length <= MessageLengthMax ? text.Trim() : text[..MessageLengthMax].Trim() + "…";
}
