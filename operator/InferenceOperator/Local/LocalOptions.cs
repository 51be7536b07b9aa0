using System.Collections.Immutable;
using System.Net;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Local.Replicas;
using InferenceRuntime.Telemetry;

namespace InferenceOperator.Local;

/// <summary>What the local mode is told.</summary>
internal sealed record LocalOptions
{
    /// <summary>Name of the log of decisions in the state folder.</summary>
    public const string DecisionsFile = "decisions.jsonl";

    /// <summary>A manifest file, or a folder of them.</summary>
    public required string Path { get; init; }

    /// <summary>Where the endpoint listens; port 0 takes a free one. Default 127.0.0.1:8000.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8000);

    /// <summary>Where it listens for gRPC; port 0 takes a free one. Default: the port after <see cref="Listen"/>'s, and a free one where that is free too.</summary>
    public IPEndPoint ListenGrpc
    {
        get => field ?? new IPEndPoint(Listen.Address, Listen.Port == 0 ? 0 : Listen.Port + 1);
        init;
    }

    /// <summary>How replicas are started.</summary>
    public required RuntimeProgram Runtime { get; init; }

    /// <summary>Where replicas' files, logs and the log of decisions lie; one running local mode per folder.</summary>
    public required string StateFolder { get; init; }

    /// <summary>The log of decisions; null: <c>decisions.jsonl</c> in the state folder.</summary>
    public string? DecisionsPath { get; init; }

    /// <summary>The endpoint's limits.</summary>
    public EndpointLimits Limits { get; init; } = new();

    /// <summary>The supervisor's patience.</summary>
    public ReplicaTimes Times { get; init; } = new();

    /// <summary>Longest time between two control steps of one agent. Default 1 s.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Least time of one block of a roll-out's comparison. Default 10 s.</summary>
    public TimeSpan RolloutBlock { get; init; } = RolloutControl.BlockLength;

    /// <summary>What devices cost; null: nobody said, all cost the same.</summary>
    public GpuPrices? Prices { get; init; }

    /// <summary>How often the manifests are looked at. Default 500 ms; a change is taken when two looks agree.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>GPUs by resource that all agents together may take.</summary>
    public ImmutableArray<GpuCeiling> GpuCeilings { get; init; } = [];

    /// <summary>Replicas that all agents together may run, whatever on; null: any number. Not together with <see cref="GpuCeilings"/>.</summary>
    public int? ReplicaCeiling { get; init; }

    /// <summary>Folder with a folder of files for each Secret that <c>model.auth</c> names; null: there is none.</summary>
    public string? SecretsFolder { get; init; }

    /// <summary>Addresses, networks and host names that are not public and from which models may be fetched all the same.</summary>
    public ImmutableArray<string> ModelSources { get; init; } = [];

    /// <summary>Where traces of turns go, the caller's to end; null for none.</summary>
    public Traces? Traces { get; init; }

    /// <summary>Cores that replicas share, at least 1.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;

    /// <summary>The folder under which state lies unless told otherwise: one per port, since one port has one owner.</summary>
    /// <param name="port">The endpoint's port.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static string DefaultStateFolder(int port, Func<string, string?> environment)
    {
        var root = environment("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : System.IO.Path.Combine(environment("HOME") is { Length: > 0 } home ? home : System.IO.Path.GetTempPath(), ".local", "state");
        return System.IO.Path.Combine(root, "inference-operator", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"local-{port}"));
    }
}
