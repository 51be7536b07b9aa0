using System.Collections.Immutable;
using System.Diagnostics;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;
using InferenceRuntime.Transport.Replies;

namespace InferenceRuntime.Grpc.Services;

/// <summary>The methods of inference.GRPCInferenceService that are not inference. Thread safe.</summary>
internal sealed class InferenceService(IModelRepository models, ReplicaLifecycle lifecycle, bool modelControl)
{
    /// <summary>Triton's names of what works here beyond the protocol's core; clients branch on them.</summary>
    private readonly ImmutableArray<string> _extensions =
        ["model_configuration", "schedule_policy", "statistics", .. modelControl ? (string[])["model_repository"] : []];

    public static GrpcAnswer ServerLive() => GrpcAnswer.Of(new ServerLiveResponse { Live = true });

    public GrpcAnswer ServerMetadata() => GrpcAnswer.Of(new ServerMetadataResponse
    {
        Name = ModelDocuments.ServerName,
        Version = typeof(InferenceService).Assembly.GetName().Version?.ToString(3) ?? "0.0.0",
        Extensions = { _extensions },
    });

    public GrpcAnswer ServerReady() => GrpcAnswer.Of(new ServerReadyResponse { Ready = lifecycle.IsReady });

    public GrpcAnswer ModelReady(ModelReadyRequest request) => GrpcAnswer.Of(new ModelReadyResponse
    {
        Ready = lifecycle.IsReady && models.Find(request.Name, request.Version) is ModelLookup.Found,
    });

    public GrpcAnswer ModelMetadata(ModelMetadataRequest request) => Describe(request.Name, request.Version, engine =>
    {
        var signature = engine.Signature;
        return new ModelMetadataResponse
        {
            Name = signature.Name,
            Versions = { models.Index().Where(entry => entry.Name == signature.Name && entry.State == ModelState.Ready).Select(static entry => entry.Version) },
            Platform = signature.Platform,
            Inputs = { signature.Inputs.Select(Metadata) },
            Outputs = { signature.Outputs.Select(Metadata) },
        };
    });

    public GrpcAnswer ModelConfig(ModelConfigRequest request) =>
        Describe(request.Name, request.Version, static engine => new ModelConfigResponse { Config = ModelConfiguration.Of(engine) });

    public GrpcAnswer ModelStatistics(ModelStatisticsRequest request)
    {
        if (request.Name.Length > 0)
        {
            return Describe(request.Name, request.Version, static engine => new ModelStatisticsResponse { ModelStats = { StatisticsMessage.Of(engine) } });
        }

        var reply = new ModelStatisticsResponse();
        foreach (var entry in models.Index())
        {
            if (models.Find(entry.Name, entry.Version) is ModelLookup.Found found)
            {
                reply.ModelStats.Add(StatisticsMessage.Of(found.Engine));
            }
        }

        return GrpcAnswer.Of(reply);
    }

    public GrpcAnswer RepositoryIndex(RepositoryIndexRequest request)
    {
        if (UnknownRepository(request.RepositoryName) is { } fault)
        {
            return GrpcAnswer.Refuse(fault);
        }

        var reply = new RepositoryIndexResponse();
        foreach (var entry in models.Index())
        {
            if (!request.Ready || entry.State == ModelState.Ready)
            {
                reply.Models.Add(new RepositoryIndexResponse.Types.ModelIndex
                {
                    Name = entry.Name,
                    Version = entry.Version,
                    State = StateName(entry.State),
                    Reason = entry.Reason,
                });
            }
        }

        return GrpcAnswer.Of(reply);
    }

    public async ValueTask<GrpcAnswer> RepositoryModelLoadAsync(RepositoryModelLoadRequest request, CancellationToken cancellationToken)
    {
        if (CannotChange(request.RepositoryName) is { } fault)
        {
            return GrpcAnswer.Refuse(fault);
        }

        if (request.Parameters.Count > 0)
        {
            // Loading something else than was sent would be worse than not loading.
            return GrpcAnswer.Refuse(GrpcStatus.Invalid($"parameters: {ClientText.Quote(request.Parameters.First().Key)} is not supported"));
        }

        var change = await models.LoadAsync(request.ModelName, cancellationToken).ConfigureAwait(false);
        return Refusal(change, request.ModelName) is { } refusal ? GrpcAnswer.Refuse(refusal) : GrpcAnswer.Of(new RepositoryModelLoadResponse());
    }

    public async ValueTask<GrpcAnswer> RepositoryModelUnloadAsync(RepositoryModelUnloadRequest request, CancellationToken cancellationToken)
    {
        if (CannotChange(request.RepositoryName) is { } fault)
        {
            return GrpcAnswer.Refuse(fault);
        }

        var change = await models.UnloadAsync(request.ModelName, cancellationToken).ConfigureAwait(false);
        return Refusal(change, request.ModelName) is { } refusal ? GrpcAnswer.Refuse(refusal) : GrpcAnswer.Of(new RepositoryModelUnloadResponse());
    }

    private GrpcStatus? CannotChange(string repository) => modelControl
        ? UnknownRepository(repository)
        : new GrpcStatus(GrpcCode.PermissionDenied, "models are not loaded or unloaded here; this server was started without --model-control");

    private static GrpcStatus? UnknownRepository(string name) =>
        name.Length == 0 ? null : new GrpcStatus(GrpcCode.NotFound, $"this server has no repository {ClientText.Quote(name)}; leave the name empty");

    private static GrpcStatus? Refusal(RepositoryChange change, string model) => change switch
    {
        RepositoryChange.Done => null,
        RepositoryChange.UnknownModel => new GrpcStatus(GrpcCode.NotFound, $"this server has no model {ClientText.Quote(model)}"),
        RepositoryChange.Refused refused => new GrpcStatus(GrpcCode.FailedPrecondition, refused.Reason),
        RepositoryChange.Fixed => new GrpcStatus(GrpcCode.FailedPrecondition, "the models of this server are fixed at its start"),
        _ => throw new UnreachableException(),
    };

    private static string StateName(ModelState state) => state switch
    {
        ModelState.Loading => "LOADING",
        ModelState.Ready => "READY",
        ModelState.Unloading => "UNLOADING",
        ModelState.Unavailable => "UNAVAILABLE",
        _ => throw new UnreachableException(),
    };

    private static ModelMetadataResponse.Types.TensorMetadata Metadata(TensorSpec spec) =>
        new() { Name = spec.Name, Datatype = spec.Datatype.WireName(), Shape = { spec.Shape } };

    private GrpcAnswer Describe(string name, string version, Func<IInferenceEngine, Google.Protobuf.IMessage> describe)
    {
        var lookup = models.Find(name, version);
        return lookup is ModelLookup.Found found
            ? GrpcAnswer.Of(describe(found.Engine))
            : GrpcAnswer.Refuse(GrpcStatus.From(lookup, name, version)!);   // Null only for what was found.
    }
}
