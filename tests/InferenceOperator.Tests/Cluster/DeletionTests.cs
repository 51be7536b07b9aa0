using InferenceOperator.Cluster.Children;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>What is left of agents, with the real garbage collector.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class DeletionTests
{
    private const string Ns = "default";

    [ServerFact(Server.KubeControllerManager)]
    public async Task Nothing_is_left_of_an_agent_wherever_the_operator_stopped()
    {
        using var patience = Patience.Start();
        await using var server = await KubeApiServer.StartAsync([], patience.Token);
        using var client = AgentClusterFixture.Connect(server.AdminKubeconfig);
        await AgentClusterFixture.InstallAsync(client);
        await server.StartControllersAsync(patience.Token);
        var stops = new (Resource<System.Text.Json.Nodes.JsonObject> Last, string Suffix)[] { (Secrets, "-admin"), (ConfigMaps, "-settings"), (ServiceAccounts, ""), (Deployments, "") };
        foreach (var ((last, suffix), i) in stops.Select(static (stop, i) => (stop, i)))
        {
            // Deleted while it works, so that what it sends last may come after the agent is gone.
            await using var running = await OperatorUnderTest.StartAsync(server.AdminKubeconfig, Ns);
            await client.CreateAgentAsync(Written.Agent(Ns, $"agent-{i}"));
            await client.UntilAsync(last, Ns, $"agent-{i}{suffix}", static _ => true);
            await client.DeleteAsync(Agents.Type, new(Ns, $"agent-{i}"), DeleteOptions.Default, patience.Token);
        }

        await using var restarted = await OperatorUnderTest.StartAsync(server.AdminKubeconfig, Ns);
        foreach (var type in ChildKinds.All.SelectMany(static kind => kind.Versions()).Append(ResourceType.Secrets))
        {
            if (await client.Discovery.ServesAsync(type, patience.Token))
            {
                var ours = new ResourceScope { Namespace = Ns, LabelSelector = ChildLabels.AllChildren };
                await UntilAsync(() => client.ListAsync(Resource.Untyped(type), ours, CancellationToken.None).Result.Items.IsEmpty, $"{type} are left");
            }
        }
    }
}
