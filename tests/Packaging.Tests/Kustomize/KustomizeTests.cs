using Packaging.Tests.Kit;

namespace Packaging.Tests.Kustomize;

/// <summary>The folders under <c>config/</c> by <c>kubectl kustomize</c>.</summary>
public sealed class KustomizeTests
{
    [KustomizeFact]
    public async Task The_install_is_complete_and_restricted_and_its_arguments_are_known()
    {
        var objects = await BuildAsync("config", "install");

        Assert.Equal(
            Directory.EnumerateFiles(Repository.File("crds"), "*.inferenceoperator.io.yaml").Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
            objects.Where(static manifest => Manifests.Kind(manifest) == "CustomResourceDefinition").Select(Manifests.Name).Order(StringComparer.Ordinal));
        Assert.Equal("restricted", (string?)objects.One("Namespace")["metadata"]!["labels"]!["pod-security.kubernetes.io/enforce"]);
        RestrictedPods.AssertHolds(objects.One("Deployment"));
        RunOptions.AssertKnown(objects.One("Deployment").Arguments());
    }

    [KustomizeFact]
    public async Task The_namespaced_overlay_watches_its_own_namespace_and_has_no_rights_outside()
    {
        var objects = await BuildAsync("config", "overlays", "namespaced");

        Assert.False(objects.Has("ClusterRoleBinding"));
        Assert.Equal("inference-operator", (string?)objects.One("RoleBinding", "inference-operator")["metadata"]!["namespace"]);
        Assert.Contains("--namespace=inference-operator", objects.One("Deployment").Arguments());
        Assert.DoesNotContain("--watch-all", objects.One("Deployment").Arguments());
        RunOptions.AssertKnown(objects.One("Deployment").Arguments());
    }

    [KustomizeFact]
    public async Task The_monitoring_overlay_brings_rules_and_dashboards_and_scrapes_the_operator_once()
    {
        var objects = await BuildAsync("config", "overlays", "monitoring");

        Assert.Equal("inference-operator", (string?)objects.One("PrometheusRule")["metadata"]!["namespace"]);
        Assert.Equal("inference-operator", (string?)objects.One("ServiceMonitor")["metadata"]!["namespace"]);
        Assert.Null(objects.One("Deployment")["spec"]!["template"]!["metadata"]!["annotations"]);
        var dashboards = objects.Where(static manifest => Manifests.Kind(manifest) == "ConfigMap").ToArray();
        Assert.Equal(Directory.GetFiles(Repository.File("charts", "inference-operator", "files", "dashboards"), "*.json").Length, dashboards.Length);
        Assert.All(dashboards, static dashboard => Assert.Equal("1", (string?)dashboard["metadata"]!["labels"]!["grafana_dashboard"]));
        var selector = objects.One("ServiceMonitor")["spec"]!["selector"]!["matchLabels"]!.AsObject().Single();
        Assert.Equal((string?)selector.Value, (string?)objects.One("Service")["metadata"]!["labels"]![selector.Key]);
    }

    [KustomizeFact]
    public async Task The_admission_overlay_serves_the_webhook_that_it_registers()
    {
        var objects = await BuildAsync("config", "overlays", "admission");

        var name = Manifests.Name(objects.One("ValidatingWebhookConfiguration"));
        var deployment = objects.One("Deployment");
        RestrictedPods.AssertHolds(deployment);
        RunOptions.AssertKnown(deployment.Arguments());
        Assert.Contains($"--admission={name}", deployment.Arguments());
        var service = objects.One("Service", name);
        Assert.Equal(name, (string?)objects.One("ValidatingWebhookConfiguration")["webhooks"]![0]!["clientConfig"]!["service"]!["name"]);
        Assert.Contains(deployment.Container()["ports"]!.AsArray(), port => (string?)port!["name"] == (string?)service["spec"]!["ports"]![0]!["targetPort"]);
        Assert.True(objects.Has("Secret"));
    }

    private static async Task<IReadOnlyList<JsonObject>> BuildAsync(params string[] folder) =>
        HelmEngine.Objects([await Shell.OutputOfAsync("kubectl", null, "kustomize", Repository.File(folder))]);
}
