using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Admission;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Manifests;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster.Admission;

/// <summary>The webhook as a real API server calls it, by the manifests of <c>config/overlays/admission</c>.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class AdmissionOnClusterTests(AgentClusterFixture cluster)
{
    private static readonly Resource<JsonObject> Configurations =
        Resource.Untyped(new ResourceType("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", Namespaced: false));

    [ServerFact(Server.KubeApiServer)]
    public async Task A_bad_manifest_is_refused_with_its_reason_and_without_the_webhook_it_is_admitted_and_the_operator_reports_it()
    {
        var (ns, admission) = await ConfigureAsync();
        await using (var running = await StartAsync(cluster.Server.AdminKubeconfig, ns, admission))
        {
            await UntilTrustedAsync(admission);

            var refused = await Assert.ThrowsAsync<ApiException>(() => cluster.Admin.CreateAgentAsync(Written.Agent(ns, "bad", Reviews.BadSpec)));
            Assert.Contains("admission webhook \"validate.inferenceoperator.io\" denied the request: spec.scaling", refused.Message, StringComparison.Ordinal);
            await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "good"));
            var edited = await Assert.ThrowsAsync<ApiException>(() => cluster.Admin.PatchAsync(Agents, ns, "good", """{"spec": {"scaling": {"minReplicas": 6, "maxReplicas": 2}}}"""));
            Assert.Contains("denied the request", edited.Message, StringComparison.Ordinal);

            // Status is not its business, and what is deleted is not either.
            await cluster.Admin.UntilAsync(Agents, ns, "good", static a => a["status"]?["observedGeneration"] is not null);
            Assert.True(await cluster.Admin.DeleteAsync(Agents.Type, new(ns, "good"), new(), CancellationToken.None));
            Assert.True(running.Metric("inference_operator_admission_reviews_total") >= 4, "reviews were not counted");
            Assert.True(running.Metric("inference_operator_admission_certificate_end_timestamp_seconds") > TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), "no certificate is told");
        }

        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "bad", Reviews.BadSpec));
        await using var blind = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        var reported = await cluster.Admin.UntilConditionAsync(ns, "bad", "Stalled", "True", "InvalidSpec");
        Assert.Contains("spec.scaling", (string?)Condition(reported.Value, "Stalled")!["message"], StringComparison.Ordinal);
        await RemoveAsync(admission, new ObjectKey(ns, "bad"));
    }

    [KubectlFact]
    public async Task People_see_reasons_and_warnings_also_of_a_dry_run_and_a_stored_fault_may_be_labelled()
    {
        var (ns, admission) = await ConfigureAsync();
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "old", Reviews.BadSpec));
        var policy = await PolicyAsync(ns);
        await using var running = await StartAsync(cluster.Server.AdminKubeconfig, ns, admission);
        await UntilTrustedAsync(admission);
        await cluster.Admin.UntilAsync(Resource.Untyped(InferenceOperator.Cluster.Policies.PolicyStatus.Policies), "", policy, static p => (string?)Condition(p, "Ready")?["status"] == "True");

        var dry = await KubectlAsync(Written.Agent(ns, "bad", Reviews.BadSpec), "create", "--dry-run=server", "--validate=false", "-f", "-");
        Assert.True(dry.Code != 0 && dry.Text.Contains("The InferenceAgent \"bad\" is invalid: spec.scaling", StringComparison.Ordinal), dry.Text);
        var limited = await KubectlAsync(Written.Agent(ns, "wide", """ "scaling": {"maxReplicas": 9} """), "create", "--dry-run=server", "--validate=false", "-f", "-");
        Assert.True(limited.Code == 0, limited.Text);
        Assert.Contains($"Warning: spec.scaling.maxReplicas counts as 4, declared 9: InferencePolicy {policy}", limited.Text, StringComparison.Ordinal);
        Assert.Equal(["old"], (await cluster.Admin.ListAsync(Agents, ResourceScope.In(ns), CancellationToken.None)).Items.Select(static agent => agent.Key.Name));

        var labelled = await KubectlAsync(null, "label", "ia", "old", "-n", ns, "team=ads");
        Assert.True(labelled.Code == 0, labelled.Text);
        await cluster.Admin.DeleteAsync(InferenceOperator.Cluster.Policies.PolicyStatus.Policies, new("", policy), new(), CancellationToken.None);
        await RemoveAsync(admission, new ObjectKey(ns, "old"));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Replicas_agree_on_the_certificates_through_years_with_no_more_rights_than_the_overlay_grants()
    {
        foreach (var file in new[] { ("install", "namespace.yaml"), ("overlays/admission", "secret.yaml"), ("overlays/admission", "rbac.yaml"), ("overlays/admission", "webhook.yaml") })
        {
            await ApplyAsync(file.Item1, file.Item2);
        }

        await cluster.Admin.ApplyAsync(
            Resource.Untyped(ResourceType.ServiceAccounts),
            Written.Json("""{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "inference-operator", "namespace": "inference-operator"} }"""),
            new("test", Force: true),
            CancellationToken.None);
        using var folder = new TemporaryFolder();
        var kubeconfig = folder.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "{{cluster.Server.Address}}", certificate-authority-data: {{Convert.ToBase64String(Encoding.UTF8.GetBytes(cluster.Server.AuthorityPem))}} } }]
            users: [{name: user, user: {token: "{{await cluster.Server.CreateTokenAsync("inference-operator", "inference-operator", CancellationToken.None)}}"} }]
            contexts: [{name: test, context: {cluster: test, user: user} }]
            """);
        var settings = new AdmissionSettings { Name = "inference-operator-admission", Namespace = "inference-operator" };
        var clock = new SimulatedClock();
        using var client = AgentClusterFixture.Connect(kubeconfig);
        using var log = new TestLog();
        AdmissionCertificates[] replicas = [.. Enumerable.Range(0, 3).Select(_ => new AdmissionCertificates(client, settings, clock, log))];

        var (servings, bundles) = (new HashSet<string>(), new HashSet<string>());
        for (var day = 0; day < 800; day += 7)
        {
            // At the same time: whoever is second takes what the first one wrote.
            Assert.All(await Task.WhenAll(replicas.Select(static replica => Task.Run(() => replica.TendAsync(CancellationToken.None)))), Assert.Null);
            Assert.Null(await replicas[day % replicas.Length].TendAsync(CancellationToken.None));
            var served = replicas.Select(static replica => replica.Served!.TargetCertificate.Thumbprint).Distinct().ToArray(); // All have tended.
            servings.Add(Assert.Single(served));
            bundles.Add(await BundleAsync(settings.Name));
            clock.Advance(TimeSpan.FromDays(7));
        }

        Assert.InRange(servings.Count, 35, 45);
        Assert.InRange(bundles.Count, 4, 8);
        Assert.All(bundles, static bundle => Assert.InRange(bundle.Split("BEGIN CERTIFICATE").Length - 1, 1, 2));
        var configuration = await cluster.Admin.GetAsync(Configurations, ObjectKey.ClusterScoped(settings.Name), CancellationToken.None);
        Assert.Equal("Ignore", (string?)configuration!.Value["webhooks"]![0]!["failurePolicy"]);
        Assert.Equal("/validate", (string?)configuration.Value["webhooks"]![0]!["clientConfig"]!["service"]!["path"]);
        var refused = await Assert.ThrowsAsync<ApiException>(() => client.ListAsync(Secrets, ResourceScope.In("inference-operator"), CancellationToken.None));
        Assert.Equal(ApiErrorReason.Forbidden, refused.Reason);
        await cluster.Admin.DeleteAsync(Configurations.Type, ObjectKey.ClusterScoped(settings.Name), new(), CancellationToken.None);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Without_its_configuration_it_is_said_once_and_looked_for_again()
    {
        var settings = new AdmissionSettings { Name = cluster.NewName("missing"), Namespace = await cluster.NewNamespaceAsync() };
        using var log = new TestLog();
        var certificates = new AdmissionCertificates(cluster.Admin, settings, new SimulatedClock(), log);

        Assert.Contains($"there is no ValidatingWebhookConfiguration {settings.Name}", await certificates.TendAsync(CancellationToken.None), StringComparison.Ordinal);
        Assert.NotNull(await certificates.TendAsync(CancellationToken.None));
        Assert.NotNull(certificates.Served);
        Assert.Single(log.Lines, static line => line.Contains("admitted unchecked", StringComparison.Ordinal));
        await ConfigureAsync(settings with { Listen = new(IPAddress.Loopback, 1) }, settings.Namespace);
        Assert.Null(await certificates.TendAsync(CancellationToken.None));
        Assert.Contains(log.Lines, static line => line.Contains("is registered", StringComparison.Ordinal));
        await RemoveAsync(settings);
    }

    private static Task<OperatorUnderTest> StartAsync(string kubeconfig, string ns, AdmissionSettings admission) => OperatorUnderTest.StartAsync(kubeconfig, ns, admission: admission);

    private async Task<(string Namespace, AdmissionSettings Settings)> ConfigureAsync()
    {
        var ns = await cluster.NewNamespaceAsync();
        var settings = new AdmissionSettings { Name = cluster.NewName("admission"), Namespace = ns, Listen = new(IPAddress.Loopback, RealServer.FreePort()), ServerNames = ["localhost"] };
        await ConfigureAsync(settings, ns);
        return (ns, settings);
    }

    /// <summary>The overlay's configuration, for one namespace and an operator on this machine.</summary>
    private async Task ConfigureAsync(AdmissionSettings settings, string ns)
    {
        var configuration = await ReadAsync("overlays/admission", "webhook.yaml");
        configuration["metadata"]!["name"] = settings.Name;
        var webhook = configuration["webhooks"]![0]!;
        webhook["clientConfig"] = new JsonObject { ["url"] = $"https://localhost:{settings.Listen.Port}{AdmissionEndpoint.Path}" };
        webhook["namespaceSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["test"] = ns } };
        await cluster.Admin.CreateAsync(Configurations, configuration, CancellationToken.None);
    }

    /// <summary>Waits until a request that must be refused is: API servers hear of a configuration a moment after it is written.</summary>
    private async Task UntilTrustedAsync(AdmissionSettings admission)
    {
        using var patience = Patience.Start();
        while (true)
        {
            try
            {
                var probe = await cluster.Admin.CreateAsync(Agents, Written.Agent(admission.Namespace, cluster.NewName("probe"), Reviews.BadSpec), patience.Token);
                await cluster.Admin.DeleteAsync(Agents.Type, probe.Key, new(), patience.Token);
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, patience.Token);
            }
            catch (ApiException e) when (e.Message.Contains("denied the request", StringComparison.Ordinal))
            {
                return;
            }
        }
    }

    /// <summary>Removes the webhook, and wrong agents, of which tests that look at all agents of the server would hear.</summary>
    private async Task RemoveAsync(AdmissionSettings settings, params ObjectKey[] agents)
    {
        await cluster.Admin.DeleteAsync(Configurations.Type, ObjectKey.ClusterScoped(settings.Name), new(), CancellationToken.None);
        foreach (var agent in agents)
        {
            await cluster.Admin.DeleteAsync(Agents.Type, agent, new(), CancellationToken.None);
        }
    }

    private async Task<string> BundleAsync(string name)
    {
        var found = await cluster.Admin.GetAsync(Configurations, ObjectKey.ClusterScoped(name), CancellationToken.None);
        return Encoding.UTF8.GetString(Convert.FromBase64String((string)found!.Value["webhooks"]![0]!["clientConfig"]!["caBundle"]!));
    }

    private async Task<string> PolicyAsync(string ns)
    {
        var name = cluster.NewName("policy");
        await cluster.Admin.CreateAsync(
            Resource.Untyped(InferenceOperator.Cluster.Policies.PolicyStatus.Policies),
            Written.Json($$"""
                {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferencePolicy", "metadata": {"name": "{{name}}"},
                 "spec": {"namespaces": {"matchLabels": {"test": "{{ns}}"} }, "ceilings": {"replicas": 4} } }
                """),
            CancellationToken.None);
        return name;
    }

    private async Task ApplyAsync(string folder, string file)
    {
        foreach (var document in YamlReader.Read(await File.ReadAllTextAsync(Repository.File(["config", .. folder.Split('/'), file]))).Documents)
        {
            var manifest = document.Content!.AsObject(); // The files hold objects.
            var type = await cluster.Admin.Discovery.FindAsync(GroupVersionKind.From((string)manifest["apiVersion"]!, (string)manifest["kind"]!), CancellationToken.None);
            await cluster.Admin.ApplyAsync(Resource.Untyped(type!), (JsonObject)manifest.DeepClone(), new ApplyOptions("test", Force: true), CancellationToken.None);
        }
    }

    private static async Task<JsonObject> ReadAsync(string folder, string file) =>
        (JsonObject)YamlReader.Read(await File.ReadAllTextAsync(Repository.File(["config", .. folder.Split('/'), file]))).Documents.Single().Content!.DeepClone(); // One object.

    private Task<(int Code, string Text)> KubectlAsync(JsonObject? input, params string[] arguments) => Kubectl.RunAsync(cluster.Server.AdminKubeconfig, input?.ToJsonString(), arguments);
}
