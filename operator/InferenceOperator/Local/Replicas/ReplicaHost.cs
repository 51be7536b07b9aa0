using InferenceOperator.Files;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Workloads;

namespace InferenceOperator.Local.Replicas;

/// <summary>What every local replica needs of its surroundings.</summary>
/// <param name="Runtime">How <c>inference-runtime</c> is started.</param>
/// <param name="StateFolder">Under it the replicas' folders and logs lie.</param>
/// <param name="Spawner">Starts processes.</param>
/// <param name="Client">Speaks to replicas.</param>
/// <param name="Limits">The endpoint's limits.</param>
/// <param name="Times">The supervisor's patience.</param>
/// <param name="Output">Takes the replicas' output.</param>
/// <param name="Logger">Hears of state changes.</param>
/// <param name="Time">The clock.</param>
internal sealed record ReplicaHost(
    RuntimeProgram Runtime,
    string StateFolder,
    ChildSpawner Spawner,
    ReplicaClient Client,
    EndpointLimits Limits,
    ReplicaTimes Times,
    RollingFile Output,
    ILogger Logger,
    TimeProvider Time);
