using System.Collections.Frozen;
using Google.Protobuf;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Grpc.Inference;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Grpc.Messages.Health;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Grpc.Services;
using InferenceRuntime.Observability;
using InferenceRuntime.Tracing;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Grpc;

/// <summary>The methods of the gRPC port by their paths. Immutable, thread safe.</summary>
internal sealed class GrpcMethods
{
    /// <summary>The method that the port is there for.</summary>
    public const string InferPath = Inference + "ModelInfer";

    /// <summary>The method that describes a model.</summary>
    public const string MetadataPath = Inference + "ModelMetadata";

    private const string Inference = "/inference.GRPCInferenceService/";
    private const string Health = "/grpc.health.v1.Health/";

    private readonly Call _infer;
    private readonly FrozenDictionary<string, Call> _others;

    /// <param name="models">Who answers.</param>
    /// <param name="metrics">Where inference is counted.</param>
    /// <param name="lifecycle">What readiness goes by.</param>
    /// <param name="budget">What messages may hold.</param>
    /// <param name="messageBytesMax">Longest inference request.</param>
    /// <param name="modelControl">Clients may load and unload models.</param>
    /// <param name="clock">Time.</param>
    /// <param name="traces">Where traces of inference go; null for none.</param>
    public GrpcMethods(
        IModelRepository models, RequestMetrics metrics, ReplicaLifecycle lifecycle, BodyBudget budget, int messageBytesMax, bool modelControl, TimeProvider clock, RequestTraces? traces = null)
    {
        var frames = new FrameReader(budget);
        var inference = new GrpcInference(models, lifecycle, budget, clock, traces);
        _infer = new InferMethod(inference, frames, messageBytesMax, metrics, clock).RunAsync;

        var calls = new MessageCalls(frames, lifecycle, clock);
        var service = new InferenceService(models, lifecycle, modelControl);
        var reflection = new ReflectionService(
            InferenceReflection.Descriptor, HealthReflection.Descriptor,
            Messages.Reflection.ReflectionReflection.Descriptor, Messages.ReflectionAlpha.ReflectionReflection.Descriptor);
        var health = new HealthService(models, lifecycle, reflection.Services, clock);
        _others = new Dictionary<string, Call>
        {
            [Inference + "ModelStreamInfer"] = new StreamInferMethod(inference, frames, messageBytesMax, metrics, lifecycle, clock).RunAsync,
            [Inference + "ServerLive"] = Unary(calls, ServerLiveRequest.Parser, static _ => InferenceService.ServerLive()),
            [Inference + "ServerReady"] = Unary(calls, ServerReadyRequest.Parser, _ => service.ServerReady()),
            [Inference + "ModelReady"] = Unary(calls, ModelReadyRequest.Parser, service.ModelReady),
            [Inference + "ServerMetadata"] = Unary(calls, ServerMetadataRequest.Parser, _ => service.ServerMetadata()),
            [MetadataPath] = Unary(calls, ModelMetadataRequest.Parser, service.ModelMetadata),
            [Inference + "ModelConfig"] = Unary(calls, ModelConfigRequest.Parser, service.ModelConfig),
            [Inference + "ModelStatistics"] = Unary(calls, ModelStatisticsRequest.Parser, service.ModelStatistics),
            [Inference + "RepositoryIndex"] = Unary(calls, RepositoryIndexRequest.Parser, service.RepositoryIndex),
            [Inference + "RepositoryModelLoad"] = exchange => calls.UnaryAsync(exchange, RepositoryModelLoadRequest.Parser, service.RepositoryModelLoadAsync),
            [Inference + "RepositoryModelUnload"] = exchange => calls.UnaryAsync(exchange, RepositoryModelUnloadRequest.Parser, service.RepositoryModelUnloadAsync),
            [Health + "Check"] = Unary(calls, HealthCheckRequest.Parser, health.Check),
            [Health + "Watch"] = exchange => calls.ServerStreamAsync(exchange, HealthCheckRequest.Parser, health.WatchAsync),
            ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"] = Reflect(calls, reflection),
            ["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"] = Reflect(calls, reflection),
        }.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>A method: reads the call, writes its messages, and gives how it ended.</summary>
    internal delegate ValueTask<GrpcStatus> Call(GrpcExchange exchange);

    /// <summary>The method at a path; null when there is none. The path of inference costs one comparison.</summary>
    public Call? Find(string path) => path == InferPath ? _infer : _others.GetValueOrDefault(path);

    /// <summary>True for what probes ask: it is answered without a token.</summary>
    public static bool IsHealth(string path) =>
        path.StartsWith(Health, StringComparison.Ordinal) || path is Inference + "ServerLive" or Inference + "ServerReady" or Inference + "ModelReady";

    private static Call Unary<TRequest>(MessageCalls calls, MessageParser<TRequest> parser, Func<TRequest, GrpcAnswer> answer)
        where TRequest : class, IMessage<TRequest> =>
        exchange => calls.UnaryAsync(exchange, parser, (request, _) => new(answer(request)));

    private static Call Reflect(MessageCalls calls, ReflectionService reflection) =>
        exchange => calls.ConversationAsync(exchange, Messages.Reflection.ServerReflectionRequest.Parser, reflection.Answer);
}
