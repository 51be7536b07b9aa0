using InferenceOperator.Cluster.Serving;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>The operator against a real API server: what becomes of manifests and of what others do to its children.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class OperatorTests(AgentClusterFixture cluster)
{
    private KubernetesClient Admin => cluster.Admin;

    [ServerFact(Server.KubeApiServer)]
    public async Task An_agent_gets_its_children_and_a_status()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        var agent = await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));

        var deployment = await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        var service = await Admin.UntilAsync(Services, ns, "ranker", static _ => true);
        var settings = await Admin.UntilAsync(ConfigMaps, ns, "ranker-settings", static _ => true);
        var secret = await Admin.UntilAsync(Secrets, ns, "ranker-admin", static _ => true);
        var reported = await Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["observedGeneration"] is not null);
        foreach (var child in new[] { deployment, service, settings, secret })
        {
            var owner = Assert.Single(child.Value["metadata"]!["ownerReferences"]!.AsArray())!;
            Assert.Equal(agent.Uid, (string?)owner["uid"]);
            Assert.Equal("InferenceAgent", (string?)owner["kind"]);
            Assert.True((bool)owner["controller"]!);
            Assert.True((bool)owner["blockOwnerDeletion"]!);
        }

        Assert.Equal(1, (int)deployment.Value["spec"]!["replicas"]!);
        Assert.Equal(1, (int)reported.Value["status"]!["observedGeneration"]!);
        Assert.Equal("app.kubernetes.io/name=inference-runtime,inferenceoperator.io/agent=ranker", (string?)reported.Value["status"]!["selector"]);
        Assert.Equal("False", (string?)Condition(reported.Value, "Ready")!["status"]);
        Assert.Equal("True", (string?)Condition(reported.Value, "Reconciling")!["status"]);
        Assert.NotNull(running.Operator.Decisions($"{ns}/ranker"));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_changed_spec_changes_the_children()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "slo": {"latency": {"target": "50ms"}}, "template": {"nodeSelector": {"zone": "a"}} """));
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);

        await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"slo": {"latency": {"target": "80ms"}}, "scaling": {"replicas": 3}, "template": {"nodeSelector": null}}}""");

        var deployment = await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 3);
        await Admin.UntilAsync(ConfigMaps, ns, "ranker-settings", static c => ((string)c["data"]!["settings.json"]!).Contains("\"targetMs\":80", StringComparison.Ordinal));
        Assert.Null(deployment.Value["spec"]!["template"]!["spec"]!["nodeSelector"]);
        await Admin.UntilAsync(Agents, ns, "ranker", static a => (int?)a["status"]?["observedGeneration"] == 2 && (int?)a["status"]?["replicas"] == 3);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_cache_brings_a_service_of_the_peers_and_takes_it_along_and_no_pod_is_replaced()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        var before = await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        var peers = InferenceOperator.Cluster.Children.ChildNames.Of("ranker").Peers;

        await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"serving": {"cache": {"policy": "SIEVE"}}, "batching": {"buckets": [16, 32], "pad": {"tokens": 0}}}}""");
        var service = await Admin.UntilAsync(Services, ns, peers, static _ => true);
        Assert.Equal("None", (string?)service.Value["spec"]!["clusterIP"]);
        var settings = await Admin.UntilAsync(ConfigMaps, ns, "ranker-settings", static c => c["data"]!["prefetch-peers"] is not null);
        Assert.Equal($"http://{peers}:8003\n", (string?)settings.Value["data"]!["prefetch-peers"]);
        Assert.Contains("\"buckets\":[16,32]", (string?)settings.Value["data"]!["settings.json"], StringComparison.Ordinal);

        await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"serving": {"cache": {"policy": "None"}}}}""");
        await Admin.UntilAsync(ConfigMaps, ns, "ranker-settings", static c => c["data"]!["prefetch-peers"] is null);
        await Admin.UntilGoneAsync(Services, ns, peers);
        var after = await Admin.GetAsync(Deployments, new(ns, "ranker"), CancellationToken.None);
        Assert.Equal((string?)before.Value["spec"]!["template"]!.ToJsonString(), after!.Value["spec"]!["template"]!.ToJsonString());
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Drift_is_put_right_and_what_others_add_is_left()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        await Admin.UntilAsync(Services, ns, "ranker", static _ => true);

        await Admin.PatchAsync(Deployments, ns, "ranker", """{"metadata": {"annotations": {"mine": "yes"}}, "spec": {"replicas": 7, "strategy": {"rollingUpdate": {"maxSurge": 3}}}}""");

        var mended = await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 1 && (int)d["spec"]!["strategy"]!["rollingUpdate"]!["maxSurge"]! == 1);
        Assert.Equal("yes", (string?)mended.Value["metadata"]!["annotations"]!["mine"]);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_deleted_child_comes_back()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        var service = await Admin.UntilAsync(Services, ns, "ranker", static _ => true);
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);

        await Admin.DeleteAsync(ResourceType.Services, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);

        await Admin.UntilAsync(Services, ns, "ranker", s => (string?)s["metadata"]!["uid"] != service.Uid);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Nothing_is_written_while_nothing_changes()
    {
        var ns = await cluster.NewNamespaceAsync();
        var clock = new SimulatedClock(TimeProvider.System.GetUtcNow());
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns, clock);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "slo": {"latency": {"target": "50ms"}}, "template": {"resources": {"limits": {"cpu": "0.5", "memory": "1024Mi"}}} """));
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        await Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["observedGeneration"] is not null);
        await StepsAsync(running, clock, 40);

        var before = running.Writes;
        await StepsAsync(running, clock, 150);

        Assert.Equal(before, running.Writes);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_operator_that_starts_again_writes_nothing_where_nothing_changed_and_puts_right_what_did()
    {
        var ns = await cluster.NewNamespaceAsync();
        foreach (var name in new[] { "ranker", "drifted" })
        {
            await Admin.CreateAgentAsync(Written.Agent(ns, name));
        }

        await using (var before = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            foreach (var name in new[] { "ranker", "drifted" })
            {
                await Admin.UntilAsync(Deployments, ns, name, static _ => true);
                await Admin.UntilAsync(Agents, ns, name, static a => a["status"]?["observedGeneration"] is not null);
            }
        }

        await Admin.PatchAsync(Deployments, ns, "drifted", """{"spec": {"strategy": {"rollingUpdate": {"maxSurge": 3}}}}""");
        await using (var mending = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            await Admin.UntilAsync(Deployments, ns, "drifted", static d => (int)d["spec"]!["strategy"]!["rollingUpdate"]!["maxSurge"]! == 1);
        }

        await using var after = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await UntilAsync(() => after.Metric(OperatorMetrics.ControlStepsTotal) >= 8, "it does not step");
        Assert.DoesNotContain(after.Operator.ApiRequests, static request => request.Key.Verb != "get");
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_invalid_spec_stalls_its_agent_keeps_its_children_and_leaves_others_alone()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "good"));
        await Admin.CreateAgentAsync(Written.Agent(ns, "bad"));
        var before = await Admin.UntilAsync(Deployments, ns, "bad", static _ => true);

        // The schema of v1 CRDs without CEL cannot compare two fields.
        await Admin.PatchAsync(Agents, ns, "bad", """{"spec": {"scaling": {"minReplicas": 5, "maxReplicas": 2}}}""");

        var stalled = await Admin.UntilConditionAsync(ns, "bad", "Stalled", "True", "InvalidSpec");
        Assert.Contains("spec.scaling", (string?)Condition(stalled.Value, "Stalled")!["message"], StringComparison.Ordinal);
        Assert.Equal(2, (int)stalled.Value["status"]!["observedGeneration"]!);
        await Admin.PatchAsync(Agents, ns, "good", """{"spec": {"scaling": {"replicas": 2}}}""");
        await Admin.UntilAsync(Deployments, ns, "good", static d => (int)d["spec"]!["replicas"]! == 2);
        var after = await Admin.UntilAsync(Deployments, ns, "bad", static _ => true);
        Assert.Equal(before.Uid, after.Uid);
        await Admin.PatchAsync(Agents, ns, "bad", """{"spec": {"scaling": {"minReplicas": 2, "maxReplicas": 5}}}""");
        await Admin.UntilAsync(Agents, ns, "bad", static a => (string?)Condition(a, "Stalled")?["status"] == "False" && (int?)a["status"]?["observedGeneration"] == 3);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_file_of_one_machine_is_refused_in_a_condition()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", uri: "file:///models/m.onnx"));

        var refused = await Admin.UntilConditionAsync(ns, "ranker", "ModelAccepted", "False", "ModelRejected");
        Assert.Contains("pvc://", (string?)Condition(refused.Value, "ModelAccepted")!["message"], StringComparison.Ordinal);
        Assert.Null(await Admin.GetAsync(Deployments, new(ns, "ranker"), CancellationToken.None));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_object_of_somebody_else_is_left_alone_and_said()
    {
        var ns = await cluster.NewNamespaceAsync();
        var foreign = Written.Json($$"""{"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "{{ns}}", "name": "ranker"}, "spec": {"ports": [{"port": 80}]} }""");
        var theirs = await Admin.CreateAsync(Services, foreign, CancellationToken.None);
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));

        var stalled = await Admin.UntilConditionAsync(ns, "ranker", "Stalled", "True", "ApplyFailed");
        Assert.Contains($"Service {ns}/ranker exists", (string?)Condition(stalled.Value, "Stalled")!["message"], StringComparison.Ordinal);
        Assert.Equal(theirs.ResourceVersion, (await Admin.GetAsync(Services, new(ns, "ranker"), CancellationToken.None))!.ResourceVersion);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_autoscaler_that_is_no_object_is_known_by_what_it_wrote_and_not_fought()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);

        await Admin.PatchAsync(Deployments, ns, "ranker", """{"spec": {"replicas": 4}}""", "cluster-proportional-autoscaler");

        var stalled = await Admin.UntilConditionAsync(ns, "ranker", "Stalled", "True", "ApplyFailed");
        Assert.Contains("cluster-proportional-autoscaler", (string?)Condition(stalled.Value, "Stalled")!["message"], StringComparison.Ordinal);
        Assert.Equal(4, (int)(await Admin.GetAsync(Deployments, new(ns, "ranker"), CancellationToken.None))!.Value["spec"]!["replicas"]!);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_pod_that_refuses_the_model_says_why_in_a_condition_and_an_event()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        const string reason = "/models/digits-mlp.onnx: its SHA-256 is 75d5, not the 9f86 that is asked for";

        await Admin.CreateAsync(Pods, Written.Pod(ns, "ranker-1", "ranker"), CancellationToken.None);
        await Admin.PatchStatusAsync(Pods, new(ns, "ranker-1"), Written.Json($$$"""
            {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{"name": "runtime", "ready": false, "restartCount": 2, "image": "i", "imageID": "",
              "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"} }, "lastState": {"terminated": {"exitCode": 3, "message": "{{{reason}}}"} } }]} }
            """), "kubelet", CancellationToken.None);

        var refused = await Admin.UntilConditionAsync(ns, "ranker", "ModelAccepted", "False", "ModelRejected");
        Assert.Equal(reason, (string?)Condition(refused.Value, "ModelAccepted")!["message"]);
        await UntilEventAsync(ns, "ModelRejected", reason);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_pod_without_a_node_shows_the_schedulers_words()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.CreateAsync(Pods, Written.Pod(ns, "ranker-1", "ranker"), CancellationToken.None);

        await Admin.PatchStatusAsync(Pods, new(ns, "ranker-1"), Written.Json("""
            {"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."}]}}
            """), "kube-scheduler", CancellationToken.None);

        var waiting = await Admin.UntilConditionAsync(ns, "ranker", "CapacityAvailable", "False", "Unschedulable");
        Assert.Contains("Insufficient nvidia.com/gpu", (string?)Condition(waiting.Value, "CapacityAvailable")!["message"], StringComparison.Ordinal);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_agent_that_is_gone_is_left_to_the_garbage_collector()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        await Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["observedGeneration"] is not null);

        await Admin.DeleteAsync(ClusterViewAgents, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);
        await UntilAsync(() => running.Metric(OperatorMetrics.Agents) == 0, "the agent's loop did not end");
        await Admin.DeleteAsync(ResourceType.Services, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);

        Assert.Null(running.Operator.Decisions($"{ns}/ranker"));
        Assert.Null(await Admin.GetAsync(Services, new(ns, "ranker"), CancellationToken.None));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task The_api_server_may_go_away_and_come_back()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        using var patience = Patience.Start();

        await cluster.Server.RestartAsync(patience.Token);
        await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"scaling": {"replicas": 2}}}""");
        await Admin.CreateAgentAsync(Written.Agent(ns, "second"));

        await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 2);
        await Admin.UntilAsync(Deployments, ns, "second", static _ => true);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task In_mode_observe_the_replicas_that_run_stay_also_over_a_restart_of_the_operator()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using (await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "slo": {"latency": {"target": "50ms"}}, "scaling": {"mode": "Observe", "minReplicas": 1, "maxReplicas": 4, "replicas": 3} """));
            await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 3);
            await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"scaling": {"replicas": null}}}""");
            await Admin.UntilAsync(Agents, ns, "ranker", static a => (int?)a["status"]?["observedGeneration"] == 2);
        }

        await using var restarted = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await UntilAsync(() => restarted.Metric(OperatorMetrics.ControlStepsTotal) >= 2, "no control step was taken");

        Assert.Equal(3, (int)(await Admin.GetAsync(Deployments, new(ns, "ranker"), CancellationToken.None))!.Value["spec"]!["replicas"]!);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Without_the_definition_it_waits_for_it()
    {
        using var patience = Patience.Start();
        await using var bare = await KubeApiServer.StartAsync([], patience.Token);
        using var admin = AgentClusterFixture.Connect(bare.AdminKubeconfig);
        await using var running = OperatorUnderTest.Launch(bare.AdminKubeconfig, "default");
        await UntilAsync(() => running.Operator.ApiRequests.Any(static request => request.Key.Code == "404"), "nobody looked for the definition");
        Assert.NotNull(running.Operator.NotReadyBecause);

        await AgentClusterFixture.InstallAsync(admin);

        await running.Operator.Synced.WaitAsync(patience.Token);
        await admin.CreateAgentAsync(Written.Agent("default", "ranker"));
        await admin.UntilAsync(Deployments, "default", "ranker", static _ => true);
    }

    private static ResourceType ClusterViewAgents => Agents.Type;

    /// <summary>Has every agent's loop make so many steps by moving its clock.</summary>
    private static async Task StepsAsync(OperatorUnderTest running, SimulatedClock clock, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            var before = running.Metric(OperatorMetrics.ControlStepsTotal);
            await UntilAsync(
                () =>
                {
                    clock.Advance(TimeSpan.FromMilliseconds(250));
                    return running.Metric(OperatorMetrics.ControlStepsTotal) > before;
                },
                "the control loop stands still");
        }
    }

    private async Task UntilEventAsync(string ns, string reason, string message)
    {
        using var patience = Patience.Start();
        while (true)
        {
            var events = await Admin.ListAsync(Events, ResourceScope.In(ns), patience.Token);
            if (events.Items.Any(e => (string?)e.Value["reason"] == reason && ((string?)e.Value["message"] ?? "").Contains(message, StringComparison.Ordinal)))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }
}
