using System.Net;
using Google.Protobuf;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Load;
using InferenceRuntime.Observability;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Grpc;

/// <summary>Calls a gRPC port of its own before the replica says ready, for the reason of <see cref="TransportWarmUp"/>.</summary>
internal static class GrpcWarmUp
{
    /// <summary>Calls that are made at most.</summary>
    public const int CallsMax = 60;

    /// <summary>Longest that all of them may take together.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromMilliseconds(300);

    /// <summary>Longest input that is made up; models with longer ones stay cold.</summary>
    private const int InputBytesMax = 1 << 20;

    /// <summary>Makes the calls against zeros; no figure of the replica sees them.</summary>
    /// <returns>How many were answered.</returns>
    public static async Task<int> RunAsync(ModelSignature signature, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (signature.Outputs.Any(static o => ZeroEngine.Zeros(o, InputBytesMax) is null)
            || signature.Inputs.Any(static i => ZeroEngine.Zeros(i, InputBytesMax) is null))
        {
            return 0;
        }

        var lifecycle = new ReplicaLifecycle();
        lifecycle.MoveTo(ReplicaPhase.Ready);
        var methods = new GrpcMethods(
            new SingleModel(new ZeroEngine(signature, clock)), new RequestMetrics(slo: null), lifecycle, new BodyBudget(long.MaxValue), int.MaxValue, modelControl: false, clock);
        using var endpoint = await HttpEndpoint.StartAsync(
            new GrpcApplication(methods, tokens: null, clock, loggers.CreateLogger<GrpcApplication>()),
            EndpointOptions.ForGrpc(IPAddress.Loopback, 0, new ConnectionAge(TimeSpan.Zero, clock)), loggers, cancellationToken).ConfigureAwait(false);
        try
        {
            return await CallAsync(endpoint.Url, RequestBytes.Frame(Request(signature)), clock, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await endpoint.StopAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<int> CallAsync(Uri server, byte[] frame, TimeProvider clock, CancellationToken cancellationToken)
    {
        var startedAt = clock.GetTimestamp();
        using var invoker = GrpcConnection.Invoker();
        using var connection = GrpcConnection.ForInference(invoker, server);
        var answered = 0;
        for (var i = 0; i < CallsMax && clock.GetElapsedTime(startedAt) < TimeMax; i++)
        {
            var reply = await connection.ExchangeAsync(frame, cancellationToken).ConfigureAwait(false);
            answered += reply.Status == StatusCodes.Status200OK ? 1 : 0;
        }

        return answered;
    }

    private static ModelInferRequest Request(ModelSignature signature)
    {
        var request = new ModelInferRequest { ModelName = signature.Name, Id = "0" };
        foreach (var spec in signature.Inputs)
        {
            var zeros = ZeroEngine.Zeros(spec, InputBytesMax)!.Value;   // Checked before anything was started.
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = spec.Name,
                Datatype = spec.Datatype.WireName(),
                Shape = { zeros.Shape.ToArray() },
            });
            request.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(zeros.Bytes));
        }

        return request;
    }
}
