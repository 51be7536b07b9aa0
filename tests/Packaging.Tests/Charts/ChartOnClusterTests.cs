using InferenceOperator.Testing.Servers;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Charts;

/// <summary>What the chart and the kustomize folders make, on a real API server.</summary>
public sealed class ChartOnClusterTests(KubeApiServerFixture cluster) : IClassFixture<KubeApiServerFixture>
{
    [HelmFact(Server.KubeApiServer)]
    public async Task The_API_server_takes_every_object_and_an_upgrade_with_the_same_values_changes_nothing()
    {
        await InstallMonitoringKindsAsync();
        foreach (var (values, release) in new[] { (null, "plain"), ("namespaced-values.yaml", "teams"), ("everything-values.yaml", "full"), ("pod-monitor-values.yaml", "pods") })
        {
            // The definitions belong to one release; others are installed without.
            string[] options = ["--release", release, "--namespace", release, "--kube-version", "v1.20.2", "--set-json", release == "plain" ? "{}" : """{"crds": {"enabled": false}}"""];
            var objects = await HelmEngine.ObjectsAsync(values, options);
            foreach (var ns in objects.Select(static manifest => (string?)manifest["metadata"]!["namespace"]).Append(release).OfType<string>().Distinct())
            {
                await ApplyAsync([new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = ns } }]);
            }

            await ApplyAsync(objects);
            var again = await ApplyAsync(await HelmEngine.ObjectsAsync(values, [.. options, "--upgrade"]));

            // What an old server drops from a definition kubectl sends again each time.
            Assert.All(again, static line => Assert.True(line.EndsWith("unchanged", StringComparison.Ordinal) || line.StartsWith("customresourcedefinition", StringComparison.Ordinal), line));
        }
    }

    [HelmFact(Server.KubeApiServer)]
    public async Task The_rights_of_namespaced_installs_end_at_their_namespaces()
    {
        foreach (var ns in new[] { "ads", "search", "home", "elsewhere" })
        {
            await ApplyAsync([new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = ns } }]);
        }

        await ApplyAsync(await HelmEngine.ObjectsAsync("namespaced-values.yaml", "--namespace", "home"));

        Assert.True(await MayAsync("create", "deployments.apps", "ads"));
        Assert.True(await MayAsync("get", "secrets", "search"));
        Assert.True(await MayAsync("patch", "leases.coordination.k8s.io", "home"));
        Assert.False(await MayAsync("list", "secrets", "ads"));
        Assert.False(await MayAsync("create", "deployments.apps", "elsewhere"));
        Assert.False(await MayAsync("get", "secrets", "home"));
        Assert.False(await MayAsync("list", "nodes", "ads"));
        Assert.False(await MayAsync("patch", "leases.coordination.k8s.io", "ads"));
    }

    private async Task<bool> MayAsync(string verb, string resource, string ns)
    {
        var answer = await KubectlAsync(null, "auth", "can-i", verb, resource, "-n", ns, "--as=system:serviceaccount:home:inference-operator");
        return answer.Output.Trim() switch
        {
            "yes" => true,
            "no" => false,
            _ => throw new InvalidOperationException($"kubectl auth can-i says {answer.Output}{answer.Errors}"),
        };
    }

    /// <summary>The kinds of the Prometheus operator, whatever is in them.</summary>
    private async Task InstallMonitoringKindsAsync()
    {
        foreach (var (kind, plural) in new[] { ("PodMonitor", "podmonitors"), ("ServiceMonitor", "servicemonitors"), ("PrometheusRule", "prometheusrules") })
        {
            await ApplyAsync([JsonNode.Parse($$"""
                {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "{{plural}}.monitoring.coreos.com"},
                 "spec": {"group": "monitoring.coreos.com", "scope": "Namespaced", "names": {"kind": "{{kind}}", "plural": "{{plural}}"},
                  "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true} } }]} }
                """)!.AsObject()]);
            var established = await KubectlAsync(null, "wait", "--for=condition=Established", $"crd/{plural}.monitoring.coreos.com", "--timeout=30s");
            Assert.True(established.Code == 0, established.Errors);
        }
    }

    private async Task<string[]> ApplyAsync(IReadOnlyList<JsonObject> objects)
    {
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. objects.Select(static manifest => manifest.DeepClone())]) };
        // An old server does not know x-kubernetes-validations, and drops them; kubectl would refuse them.
        var applied = await KubectlAsync(list.ToJsonString(), "apply", "--validate=false", "-f", "-");
        Assert.True(applied.Code == 0, applied.Errors);
        return applied.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private Task<ShellResult> KubectlAsync(string? input, params IEnumerable<string> arguments) =>
        Shell.RunAsync("kubectl", input, ["--kubeconfig", cluster.Server.AdminKubeconfig, .. arguments]);
}
