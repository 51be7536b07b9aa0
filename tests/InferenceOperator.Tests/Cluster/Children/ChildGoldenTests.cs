using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Children;

/// <summary>
/// The children of agents, whole, against files. A pod template that differs restarts every pod of every user at the next
/// upgrade: a change of these files is a promise broken or a promise made. Set UPDATE_GOLDEN=1 to write them.
/// </summary>
public sealed class ChildGoldenTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public void A_plain_agent() => Check("plain", Written.Agent("ads", "ranker"));

    [Fact]
    public void An_agent_with_gpus_and_a_pinned_file()
    {
        var manifest = Written.Agent("ads", "ranker", """ "gpu": {"count": 1, "resource": "nvidia.com/mig-1g.10gb"} """, "pvc://models/a/b.onnx");
        manifest["spec"]!["model"]!["sha256"] = "75d5124e1491db44907fa673bb77db9a749a22e3c7228b6c84303d710cac4a00";
        Check("gpu", manifest);
    }

    [Fact]
    public void An_agent_with_padding_a_queue_and_a_cache() => Check("settings", Written.Agent("ads", "ranker", """
        "batching": {"queue": {"requests": 200, "memory": "64Mi", "timeout": "2s"}, "buckets": [16, 32], "pad": {"tokens": 0, "mask": -1}},
        "serving": {"cache": {"policy": "SIEVE", "size": "32Mi", "ttl": "10m"}}
        """));

    [Fact]
    public void An_agent_with_variants_on_its_own_claim_and_on_another() => Check("variants", Written.Agent("ads", "ranker", """
        "variants": [
          {"name": "student", "model": {"uri": "pvc://models/a/student.onnx"}, "share": 10},
          {"name": "pruned", "model": {"uri": "pvc://others/pruned.onnx", "sha256": "75d5124e1491db44907fa673bb77db9a749a22e3c7228b6c84303d710cac4a00"}},
          {"name": "tiny", "model": {"uri": "pvc://others/tiny.onnx"}, "share": 5}
        ],
        "serving": {"cache": {"policy": "SIEVE"}}
        """));

    [Fact]
    public void An_agent_whose_models_are_fetched()
    {
        var manifest = Written.Agent("ads", "ranker", """
            "variants": [
              {"name": "student", "model": {"uri": "s3://models/student.onnx", "auth": {"secretName": "store"}}},
              {"name": "pruned", "model": {"uri": "pvc://models/pruned.onnx"}}
            ],
            "store": {"claimName": "cache", "size": "200Gi", "removeUnusedAfterDays": 30},
            "gpu": {"count": 1},
            "template": {"resources": {"limits": {"memory": "2Gi"}}}
            """, "https://models.example/ranker.onnx?version=3");
        var model = manifest["spec"]!["model"]!.AsObject();
        model["sha256"] = "75d5124e1491db44907fa673bb77db9a749a22e3c7228b6c84303d710cac4a00";
        model["data"] = JsonNode.Parse("""[{"path": "w/ranker.data", "sha256": "0000000000000000000000000000000000000000000000000000000000000000"}]""");
        model["auth"] = JsonNode.Parse("""{"secretName": "web"}""");
        Check("fetched", manifest);
    }

    [Fact]
    public void An_agent_whose_model_lies_in_an_image()
    {
        var manifest = Written.Agent("ads", "ranker", """ "gpu": {"count": 0} """, "oci://ghcr.io/acme/ranker:3#a/ranker.onnx");
        manifest["spec"]!["model"]!["auth"] = JsonNode.Parse("""{"secretName": "pull"}""");
        Check("image", manifest);
    }

    [Fact]
    public void An_agent_with_a_template() => Check("template", Written.Agent("ads", "ranker", """
        "template": {
          "resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": "2500m", "memory": "1Gi"}},
          "env": [{"name": "LOG", "value": "debug"}],
          "volumeMounts": [{"name": "extra", "mountPath": "/extra"}],
          "volumes": [{"name": "extra", "emptyDir": {}}, {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}],
          "nodeSelector": {"zone": "a"},
          "tolerations": [{"key": "gpu", "operator": "Exists"}],
          "securityContext": {"fsGroup": 2000},
          "priorityClassName": "high"
        }
        """));

    [Fact]
    public void Settings_and_a_cache_leave_the_pod_template_alone()
    {
        var plain = PodTemplate(Written.Agent("ads", "ranker", """ "scaling": {"replicas": 2} """));

        Assert.Equal(plain, PodTemplate(Written.Agent("ads", "ranker", """
            "batching": {"maxSize": 7, "queue": {"requests": 9, "memory": "1Mi", "timeout": "2s"}, "buckets": [16], "pad": {"tokens": 0}},
            "serving": {"cache": {"policy": "Learned"}}, "slo": {"latency": {"target": "9ms"}}
            """)));
    }

    [Fact]
    public void What_can_be_left_out_is_left_out()
    {
        var children = Render(Written.Agent("ads", "ranker", """
            "children": {"podDisruptionBudget": false, "networkPolicy": false, "podMonitor": false}, "template": {"serviceAccountName": "theirs"}
            """));

        Assert.Equal([ChildKind.ConfigMap, ChildKind.Service, ChildKind.Service, ChildKind.Deployment], children.Select(static child => child.Kind));
        Assert.Equal("theirs", (string?)children[^1].Manifest["spec"]!["template"]!["spec"]!["serviceAccountName"]);
    }

    private static string PodTemplate(JsonObject manifest) => Render(manifest).Single(child => child.Kind is ChildKind.Deployment).Manifest["spec"]!["template"]!.ToJsonString();

    private static ImmutableArray<Child> Render(JsonObject manifest) => Written.Children(Written.Plan(manifest));

    private static void Check(string name, JsonObject manifest)
    {
        var rendered = "";
        foreach (var child in Render(manifest))
        {
            rendered += $"--- {child}\n{child.Manifest.ToJsonString(Indented)}\n";
        }

        var file = Repository.File("tests", "InferenceOperator.Tests", "Cluster", "Children", "Golden", name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, rendered);
        }

        Assert.Equal(File.ReadAllText(file), rendered);
    }
}
