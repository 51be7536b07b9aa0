using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace InferenceRuntime.Grpc.Services;

/// <summary>How long a streaming call may go on: until the client goes, its deadline, the replica's drain, or the call's own end.</summary>
internal sealed class StreamSpan : IDisposable
{
    private readonly GrpcExchange _exchange;
    private readonly ReplicaLifecycle _lifecycle;
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource _either;

    public StreamSpan(GrpcExchange exchange, ReplicaLifecycle lifecycle, TimeProvider clock)
    {
        _exchange = exchange;
        _lifecycle = lifecycle;

        // A stream may rest: the least rate at which bodies have to come is for single requests.
        exchange.Features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = null;
        if (exchange.DeadlineAt != long.MaxValue)
        {
            var left = clock.GetElapsedTime(clock.GetTimestamp(), exchange.DeadlineAt);
            _deadline = new CancellationTokenSource(Clamp(left), clock);
        }

        _either = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, lifecycle.Draining, _deadline?.Token ?? CancellationToken.None);
    }

    /// <summary>Cancelled when the call is to end.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>How a call that was cut short ended.</summary>
    public GrpcStatus EndedBy =>
        _exchange.Aborted.IsCancellationRequested ? GrpcStatus.Cancelled :
        _deadline is { IsCancellationRequested: true } ? GrpcStatus.Expired :
        _lifecycle.Draining.IsCancellationRequested ? GrpcStatus.Draining :
        GrpcStatus.Cancelled;

    /// <summary>Ends the call from inside.</summary>
    public void Close() => _either.Cancel();

    public void Dispose()
    {
        _either.Dispose();
        _deadline?.Dispose();
    }

    // The longest that a timer takes is about 49 days.
    private static TimeSpan Clamp(TimeSpan time) =>
        time < TimeSpan.Zero ? TimeSpan.Zero : time > TimeSpan.FromDays(40) ? TimeSpan.FromDays(40) : time;
}
