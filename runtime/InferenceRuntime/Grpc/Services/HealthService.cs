using Google.Protobuf;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Grpc.Messages.Health;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;
using Status = InferenceRuntime.Grpc.Messages.Health.HealthCheckResponse.Types.ServingStatus;

namespace InferenceRuntime.Grpc.Services;

/// <summary>grpc.health.v1: the server under the empty name and its services' names, and each model under its own.</summary>
internal sealed class HealthService(IModelRepository models, ReplicaLifecycle lifecycle, IReadOnlyCollection<string> services, TimeProvider clock)
{
    /// <summary>How often a watch looks at the models; moves of the replica are seen at once.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public GrpcAnswer Check(HealthCheckRequest request)
    {
        var status = StatusOf(request.Service);
        return status == Status.ServiceUnknown
            ? GrpcAnswer.Refuse(new GrpcStatus(GrpcCode.NotFound, $"this server has no service or model {ClientText.Quote(request.Service)}"))
            : GrpcAnswer.Of(new HealthCheckResponse { Status = status });
    }

    /// <summary>Sends the status now and whenever it changes, until cancelled.</summary>
    public async Task WatchAsync(HealthCheckRequest request, Func<IMessage, ValueTask> send, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        var told = Status.Unknown;
        while (true)
        {
            var moved = lifecycle.Moved;
            var status = StatusOf(request.Service);
            if (status != told)
            {
                told = status;
                await send(new HealthCheckResponse { Status = status }).ConfigureAwait(false);
            }

            if (await Task.WhenAny(moved, tick).ConfigureAwait(false) == tick)
            {
                await tick.ConfigureAwait(false);
                tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            }
        }
    }

    private Status StatusOf(string service)
    {
        if (service.Length == 0 || services.Contains(service))
        {
            return Serving(lifecycle.IsReady);
        }

        return models.Find(service, "") switch
        {
            ModelLookup.Found => Serving(lifecycle.IsReady),
            ModelLookup.NotReady => Status.NotServing,
            _ => Status.ServiceUnknown,
        };
    }

    private static Status Serving(bool isReady) => isReady ? Status.Serving : Status.NotServing;
}
