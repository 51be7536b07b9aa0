using InferenceRuntime.Transport.Access;

namespace InferenceRuntime.Transport;

/// <summary>What the REST port was told.</summary>
internal sealed record RestOptions
{
    /// <summary>Executions of a model that may run at the same time, as its configuration document says.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Clients may load and unload models.</summary>
    public bool ModelControl { get; init; }

    /// <summary>Tokens that clients need, except for health; null: they need none.</summary>
    public BearerTokens? Tokens { get; init; }

    /// <summary>Web pages whose scripts may read replies; null: those of this origin alone.</summary>
    public CrossOrigin? CrossOrigin { get; init; }

    /// <summary>How old connections get; null: as old as they like.</summary>
    public ConnectionAge? Age { get; init; }

    /// <summary>The protocol's extensions that work under these options.</summary>
    public IEnumerable<string> Extensions() =>
        ["binary_tensor_data", "model_configuration", "schedule_policy", "statistics", .. ModelControl ? (string[])["model_repository"] : []];
}
