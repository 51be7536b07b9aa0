using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Cluster.Policies;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Schema;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Manifests;
using InferenceOperator.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>One real API server that knows InferenceAgents, for all tests of the collection.</summary>
public sealed class AgentClusterFixture : IAsyncLifetime
{
    private readonly KubeApiServerFixture _inner = new();
    private KubernetesClient? _admin;

    public KubeApiServer Server => _inner.Server;

    internal KubernetesClient Admin => _admin ?? throw new InvalidOperationException("there is no API server");

    public string NewName(string prefix) => _inner.NewName(prefix);

    public async Task InitializeAsync()
    {
        await _inner.InitializeAsync();
        if (ServerPrograms.Find(Testing.Servers.Server.KubeApiServer, out _) is null)
        {
            return;
        }

        _admin = Connect(Server.AdminKubeconfig);
        await InstallAsync(Admin);
    }

    /// <summary>Installs the definitions and waits until they are served.</summary>
    internal static async Task InstallAsync(KubernetesClient admin)
    {
        foreach (var yaml in new[] { PolicyCrd.Render(), CrdYaml.Render() })
        {
            var definition = YamlReader.Read(yaml).Documents.Single().Content!.AsObject(); // One object, not null.
            await admin.CreateAsync(Resource.Untyped(ResourceType.CustomResourceDefinitions), (JsonObject)definition.DeepClone(), CancellationToken.None);
        }

        using var patience = Patience.Start();
        while (await admin.Discovery.FindAsync(ClusterView.Agents.GroupVersionKind, patience.Token) is null
            || await admin.Discovery.FindAsync(PolicyStatus.Policies.GroupVersionKind, patience.Token) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }

    public async Task DisposeAsync()
    {
        _admin?.Dispose();
        await _inner.DisposeAsync();
    }

    internal static KubernetesClient Connect(string kubeconfig) =>
        KubernetesClient.Connect(KubernetesConfig.Load(kubeconfig, context: null), new() { QueriesPerSecond = 1000, Burst = 1000 }, NullLoggerFactory.Instance);
}
