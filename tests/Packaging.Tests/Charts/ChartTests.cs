using InferenceOperator.Manifests;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Charts;

/// <summary>The chart, rendered by Helm's engine.</summary>
public sealed class ChartTests
{
    private static readonly string[] ValuesFiles = ["namespaced-values.yaml", "everything-values.yaml", "pod-monitor-values.yaml"];

    [HelmFact]
    public async Task It_asks_for_the_same_rights_as_the_kustomize_install()
    {
        var chart = await HelmEngine.ObjectsAsync(null);
        var install = Install();

        Assert.Equal(RoleRules.Rights(install.One("ClusterRole", "inference-operator")), RoleRules.Rights(chart.One("ClusterRole", "inference-operator")));
        Assert.Equal(OwnNamespaceRights(install), OwnNamespaceRights(chart));
    }

    [HelmFact]
    public async Task It_starts_the_operator_with_the_arguments_probes_and_hardening_of_the_kustomize_install()
    {
        var chart = (await HelmEngine.ObjectsAsync(null)).One("Deployment");
        var install = Install().One("Deployment");

        Assert.Equal(install.Arguments().Order(StringComparer.Ordinal), chart.Arguments().Order(StringComparer.Ordinal));
        foreach (var field in new[] { "readinessProbe", "livenessProbe", "resources", "securityContext", "volumeMounts" })
        {
            Assert.True(JsonNode.DeepEquals(install.Container()[field], chart.Container()[field]), field);
        }

        Assert.True(JsonNode.DeepEquals(install.PodSpec()["securityContext"], chart.PodSpec()["securityContext"]));
        Assert.True(JsonNode.DeepEquals(install.PodSpec()["volumes"], chart.PodSpec()["volumes"]));
        Assert.Equal(install["spec"]!["replicas"]!.ToString(), chart["spec"]!["replicas"]!.ToString());
        Assert.Equal(install["spec"]!["strategy"]?.ToJsonString(), chart["spec"]!["strategy"]?.ToJsonString());
    }

    [HelmFact]
    public async Task With_any_values_pods_are_restricted_secrets_are_not_listed_and_the_operator_knows_its_arguments()
    {
        foreach (var values in ValuesFiles.Prepend(null))
        {
            var objects = await HelmEngine.ObjectsAsync(values);
            var deployment = objects.One("Deployment");
            RestrictedPods.AssertHolds(deployment);
            RunOptions.AssertKnown(deployment.Arguments());
            var rights = objects.Where(static manifest => Manifests.Kind(manifest) is "Role" or "ClusterRole").SelectMany(RoleRules.Rights).ToArray();
            Assert.NotEmpty(rights);
            Assert.DoesNotContain(rights, static right => right.Contains('*', StringComparison.Ordinal));
            Assert.Equal(["/secrets create", "/secrets get"], rights.Where(static right => right.StartsWith("/secrets ", StringComparison.Ordinal)).Distinct());
        }
    }

    [HelmFact]
    public async Task Traces_are_sent_where_an_endpoint_is_given_and_the_further_environment_stays()
    {
        Assert.Null((await HelmEngine.ObjectsAsync(null)).One("Deployment").Container()["env"]);

        var environment = (await HelmEngine.ObjectsAsync("everything-values.yaml")).One("Deployment").Container()["env"]!.AsArray();

        Assert.Equal(
            ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_EXPORTER_OTLP_HEADERS", "DOTNET_GCHeapHardLimitPercent"],
            environment.Select(static variable => (string)variable!["name"]!));
        Assert.Equal("0.1", (string)environment[3]!["value"]!);
        Assert.Equal("collector", (string)environment[4]!["valueFrom"]!["secretKeyRef"]!["name"]!);
    }

    [HelmFact]
    public async Task For_named_namespaces_nothing_is_made_outside_them()
    {
        var objects = await HelmEngine.ObjectsAsync("namespaced-values.yaml");

        Assert.DoesNotContain(objects, static manifest => Manifests.Kind(manifest).StartsWith("Cluster", StringComparison.Ordinal) || Manifests.Kind(manifest) == "CustomResourceDefinition");
        Assert.Equal(
            ["ads", "search"],
            objects.Where(static manifest => Manifests.Kind(manifest) == "Role" && Manifests.Name(manifest) == "inference-operator").Select(static role => (string)role["metadata"]!["namespace"]!));
        Assert.Superset(new HashSet<string>(["--namespace=ads", "--namespace=search", "--gpu-ceiling=nvidia.com/gpu=8", "--gpu-ceiling=nvidia.com/mig-1g.10gb=4"]), objects.One("Deployment").Arguments().ToHashSet());
        Assert.DoesNotContain("--watch-all", objects.One("Deployment").Arguments());
        var more = await HelmEngine.ObjectsAsync("namespaced-values.yaml", "--set-json", """{"rbac": {"clusterScoped": true}}""");
        Assert.Contains("/nodes list", RoleRules.Rights(more.One("ClusterRole")));
        Assert.DoesNotContain(RoleRules.Rights(more.One("ClusterRole")), static right => right.EndsWith(" create", StringComparison.Ordinal) || right.EndsWith(" delete", StringComparison.Ordinal));
    }

    [HelmFact]
    public async Task Its_definitions_are_those_of_crds_and_outlive_the_release()
    {
        foreach (var definition in Directory.EnumerateFiles(Repository.File("crds"), "*.inferenceoperator.io.yaml"))
        {
            var copy = Repository.File("charts", "inference-operator", "files", "crds", Path.GetFileName(definition));
            if (Environment.GetEnvironmentVariable("UPDATE_GENERATED") == "1")
            {
                File.Copy(definition, copy, overwrite: true);
            }

            Assert.True(File.Exists(copy) && await File.ReadAllTextAsync(copy) == await File.ReadAllTextAsync(definition), $"{copy} is not {definition}: run this test once with UPDATE_GENERATED=1");
            var rendered = (await HelmEngine.ObjectsAsync(null)).One("CustomResourceDefinition", Path.GetFileNameWithoutExtension(definition));
            Assert.Equal("keep", (string?)rendered["metadata"]!["annotations"]!["helm.sh/resource-policy"]);
            Assert.Equal("Helm", (string?)rendered["metadata"]!["labels"]!["app.kubernetes.io/managed-by"]);
            Assert.True(JsonNode.DeepEquals(YamlReader.Read(await File.ReadAllTextAsync(definition)).Documents.Single().Content!["spec"], rendered["spec"]));
        }

        var passing = (await HelmEngine.ObjectsAsync("pod-monitor-values.yaml")).Where(static manifest => Manifests.Kind(manifest) == "CustomResourceDefinition").ToArray();
        Assert.NotEmpty(passing);
        Assert.All(passing, static definition => Assert.Null(definition["metadata"]!["annotations"]));
        Assert.False((await HelmEngine.ObjectsAsync(null, "--set-json", """{"crds": {"enabled": false}}""")).Has("CustomResourceDefinition"));
    }

    [HelmFact]
    public async Task Options_reach_the_objects_that_they_are_about()
    {
        var objects = await HelmEngine.ObjectsAsync("everything-values.yaml", "--api-versions", "policy/v1");
        var deployment = objects.One("Deployment");

        Assert.Equal("registry.example/inference-operator@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", (string?)deployment.Container()["image"]);
        Assert.Superset(
            new HashSet<string>([
                "--runtime-image=registry.example/inference-runtime:0.1.0", "--runtime-gpu-image=registry.example/inference-runtime:0.1.0-cuda", "--prometheus-url=https://prometheus.monitoring:9090", "--prometheus-interval=30s",
                "--prometheus-token-file=/etc/inference-operator/prometheus-token/token", "--prometheus-ca-file=/etc/inference-operator/prometheus-ca/ca.crt",
                "--nodes-grow", "--shards=6", "--kube-api-qps=200", "--kube-api-burst=400", "--leader-elect=true", "--without=NetworkPolicy", "--renew-pods", "--image-pull-secret=registry", "--gpu-price=nvidia.com/gpu=2.5", "--gpu-price=cpu=0.1", "--decisions=/var/lib/inference-operator/decisions.jsonl", "--monitoring-label=release=monitoring"]),
            deployment.Arguments().ToHashSet());
        Assert.Equal("policy/v1", (string?)objects.One("PodDisruptionBudget")["apiVersion"]);
        Assert.Equal("monitoring", (string?)objects.One("ServiceMonitor")["metadata"]!["labels"]!["release"]);
        Assert.Null(deployment["spec"]!["template"]!["metadata"]!["annotations"]!["prometheus.io/scrape"]);
        Assert.Equal(3, objects.Count(static manifest => Manifests.Kind(manifest) == "ConfigMap"));
        Assert.Equal("monitoring", (string?)objects.One("PrometheusRule")["metadata"]!["labels"]!["release"]);
        Assert.Equal("policy/v1beta1", (string?)(await HelmEngine.ObjectsAsync(null))
            .One("PodDisruptionBudget")["apiVersion"]);

        var monitor = (await HelmEngine.ObjectsAsync("pod-monitor-values.yaml")).One("PodMonitor");
        Assert.Equal(("monitoring", "15s"), ((string?)monitor["metadata"]!["namespace"], (string?)monitor["spec"]!["podMetricsEndpoints"]![0]!["interval"]));
    }

    [HelmFact]
    public async Task The_admission_webhook_is_off_by_default_and_on_it_is_that_of_the_kustomize_overlay_with_rights_on_two_objects_alone()
    {
        string[] kinds = ["ValidatingWebhookConfiguration", "Secret"];
        var off = await HelmEngine.ObjectsAsync(null);
        Assert.DoesNotContain(off, manifest => kinds.Contains(Manifests.Kind(manifest)));
        Assert.DoesNotContain(off.One("Deployment").Arguments(), static argument => argument.StartsWith("--admission", StringComparison.Ordinal));

        const string name = "inference-operator-admission";
        var on = await HelmEngine.ObjectsAsync(null, "--set-json", """{"admission": {"enabled": true}}""");
        var overlay = HelmEngine.Objects(new[] { "webhook.yaml", "secret.yaml", "service.yaml", "rbac.yaml" }.Select(static file => File.ReadAllText(Repository.File("config", "overlays", "admission", file))));
        var ns = (string?)on.One("Secret", name)["metadata"]!["namespace"];
        foreach (var objects in new[] { on, overlay })
        {
            Assert.Null(objects.One("Secret", name)["data"]);
            Assert.Equal(["/secrets/inference-operator-admission get", "/secrets/inference-operator-admission patch"], RoleRules.Rights(objects.One("Role", name)));
            Assert.Equal(
                ["admissionregistration.k8s.io/validatingwebhookconfigurations/inference-operator-admission get", "admissionregistration.k8s.io/validatingwebhookconfigurations/inference-operator-admission patch"],
                RoleRules.Rights(objects.One("ClusterRole", name)));
            Assert.Equal("admission", (string?)objects.One("Service", name)["spec"]!["ports"]![0]!["targetPort"]);
        }

        var (chart, kustomize) = ((JsonObject)on.One("ValidatingWebhookConfiguration")["webhooks"]![0]!.DeepClone(), (JsonObject)overlay.One("ValidatingWebhookConfiguration")["webhooks"]![0]!.DeepClone());
        Assert.Equal(ns, (string?)chart["clientConfig"]!["service"]!["namespace"]);
        chart["clientConfig"]!["service"]!["namespace"] = kustomize["clientConfig"]!["service"]!["namespace"]!.DeepClone();
        Assert.True(JsonNode.DeepEquals(kustomize, chart), $"{kustomize}\n{chart}");
        Assert.Equal(("Ignore", "None"), ((string?)chart["failurePolicy"], (string?)chart["sideEffects"]));
        Assert.Contains("--admission=inference-operator-admission", on.One("Deployment").Arguments());
        Assert.Contains(on.One("Deployment").Container()["ports"]!.AsArray(), static port => (string?)port!["name"] == "admission" && (long)port["containerPort"]! == 9443);

        var everything = await HelmEngine.ObjectsAsync("everything-values.yaml");
        Assert.Equal(3L, (long)everything.One("ValidatingWebhookConfiguration")["webhooks"]![0]!["timeoutSeconds"]!);
        Assert.Contains(everything.One("NetworkPolicy")["spec"]!["ingress"]![0]!["ports"]!.AsArray(), static port => (string?)port!["port"] == "admission");
        var teams = await HelmEngine.ObjectsAsync("namespaced-values.yaml", "--set-json", """{"admission": {"enabled": true}}""");
        Assert.Equal("ads", (string?)teams.One("ValidatingWebhookConfiguration")["webhooks"]![0]!["namespaceSelector"]!["matchExpressions"]![0]!["values"]![0]);
    }

    [HelmFact]
    public async Task Values_that_are_wrong_are_refused_and_named()
    {
        foreach (var (values, named) in new[]
        {
            ("""{"replica": 2}""", "replica"),
            ("""{"replicas": "2"}""", "replicas"),
            ("""{"watchNamespaces": ["Ads"]}""", "watchNamespaces"),
            ("""{"image": {"repository": "registry.example/x@sha256:0"}}""", "repository"),
            ("""{"image": {"digest": "sha256:12"}}""", "digest"),
            ("""{"prometheus": {"url": "prometheus:9090"}}""", "url"),
            ("""{"gpu": {"ceilings": {"nvidia.com/gpu": -1}}}""", "ceilings"),
            ("""{"kubeClient": {"qps": 0}}""", "qps"),
            ("""{"metrics": {"podMonitor": {"interval": "1 minute"}}}""", "interval"),
            ("""{"metrics": {"podMonitor": {"enabled": true}, "serviceMonitor": {"enabled": true}}}""", "twice"),
            ("""{"replicas": 2, "leaderElectionEnabled": false}""", "leaderElectionEnabled"),
            ("""{"shards": 2, "replicas": 1, "leaderElectionEnabled": false}""", "shards"),
            ("""{"shards": 65}""", "shards"),
            ("""{"admission": {"timeoutSeconds": 31}}""", "timeoutSeconds"),
        })
        {
            var result = await HelmEngine.RunAsync(null, "--set-json", values);

            Assert.True(result.Code == 1 && result.Errors.Contains(named, StringComparison.Ordinal), $"{values}: {result.Code} {result.Errors}");
        }
    }

    [HelmFact]
    public async Task Every_value_has_its_schema_and_what_is_printed_after_an_install_fits_the_values()
    {
        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Repository.File("charts", "inference-operator", "values.schema.json")))!;
        var values = YamlReader.Read(await File.ReadAllTextAsync(Repository.File("charts", "inference-operator", "values.yaml"))).Documents.Single().Content!.AsObject();
        AssertDescribed(schema, values, "");

        var notes = (await HelmEngine.RenderAsync("namespaced-values.yaml"))["NOTES.txt"];
        Assert.Contains("the InferenceAgents of ads, search", notes, StringComparison.Ordinal);
        Assert.Contains("apply crds/ before each upgrade", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("prometheus.url is not set", (await HelmEngine.RenderAsync("everything-values.yaml"))["NOTES.txt"], StringComparison.Ordinal);
    }

    private static void AssertDescribed(JsonNode schema, JsonObject values, string path)
    {
        foreach (var (name, value) in values)
        {
            var below = schema["properties"]?[name];
            Assert.True(below is not null, $"values.schema.json lacks {path}{name}");
            if (value is JsonObject { Count: > 0 } fields && below["properties"] is not null)
            {
                AssertDescribed(below, fields, $"{path}{name}.");
            }
        }
    }

    private static IReadOnlyList<JsonObject> Install() =>
        HelmEngine.Objects(new[] { "namespace.yaml", "rbac.yaml", "operator.yaml", "service.yaml" }.Select(static file => File.ReadAllText(Repository.File("config", "install", file))));

    /// <summary>What the operator may do in the namespace that it runs in, beyond all others: its Leases.</summary>
    private static IEnumerable<string> OwnNamespaceRights(IReadOnlyList<JsonObject> objects) =>
        objects.Where(static manifest => Manifests.Kind(manifest) == "Role").SelectMany(RoleRules.Rights).Order(StringComparer.Ordinal);
}
