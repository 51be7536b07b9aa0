using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Workloads;

namespace InferenceOperator.Local.Replicas;

/// <summary>What a replica is started with and cannot change while it runs; another launch needs another replica. Equal by content.</summary>
/// <param name="Agent">Name of the agent, under which the model is served.</param>
/// <param name="AgentNamespace">Its namespace.</param>
/// <param name="ModelPath">The model's file, absolute.</param>
/// <param name="ModelSha256">What the file has to be; a replica that loaded something else is never sent a request.</param>
/// <param name="Variants">What is resident beside it.</param>
/// <param name="Threads">Threads of one execution.</param>
internal sealed record ReplicaLaunch(
    string Agent, string AgentNamespace, string ModelPath, string ModelSha256, ImmutableArray<VariantLaunch> Variants, int Threads)
{
    /// <summary>Its accelerators; without any it runs on the CPU, whatever the machine has.</summary>
    public GpuSpec Gpu { get; init; } = new();

    /// <summary>Its name among the agent's.</summary>
    public RevisionName Revision => RevisionName.Of(string.Create(
        CultureInfo.InvariantCulture, $"{ModelPath}\n{ModelSha256}\n{string.Join('\n', Variants)}\n{Threads}\n{string.Join(' ', Accelerator)}"));

    private IEnumerable<string> Accelerator => Gpu.Count > 0 ? AcceleratorArguments.Of(Gpu) : ["--provider", "cpu"];

    /// <summary>The command line after <c>inference-runtime</c>.</summary>
    public IEnumerable<string> Arguments(string replica, ReplicaFiles files) =>
    [
        "serve",
        "--model", ModelPath,
        "--sha256", ModelSha256,
        .. Variants.SelectMany(static variant => (string[])["--variant", $"{variant.Name}={variant.Path}", "--variant-sha256", $"{variant.Name}={variant.Sha256}"]),
        "--name", Agent,
        "--host", "127.0.0.1",
        "--http-port", "0",
        "--grpc-port", "0",
        "--metrics-port", "0",
        "--admin-port", "0",
        "--port-file", files.Ports,
        "--settings", files.Settings,
        "--admin-token-file", files.Token,
        "--agent", $"{AgentNamespace}/{Agent}",
        "--replica", replica,
        "--threads", Threads.ToString(CultureInfo.InvariantCulture),
        .. Accelerator,
        "--drain-delay", "0s",
        "--termination-log", files.Termination,
    ];

    /// <inheritdoc/>
    public bool Equals(ReplicaLaunch? other) =>
        other is not null && Agent == other.Agent && AgentNamespace == other.AgentNamespace && ModelPath == other.ModelPath
        && ModelSha256 == other.ModelSha256 && Variants.SequenceEqual(other.Variants) && Threads == other.Threads && Gpu == other.Gpu;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Agent, AgentNamespace, ModelPath, ModelSha256, Variants.Length, Threads);
}
