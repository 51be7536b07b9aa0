using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Children;

public sealed class PodManifestTests
{
    public static TheoryData<string> Specs() =>
    [
        """ "slo": {"latency": {"target": "50ms"}} """,
        """ "gpu": {"count": 1} """,
        """ "variants": [{"name": "student", "model": {"uri": "pvc://others/student.onnx"}}], "serving": {"cache": {"policy": "SIEVE"}} """,
        """ "template": {"resources": {"limits": {"cpu": "2"}}, "securityContext": {"fsGroup": 2000}} """,
        """ "variants": [{"name": "student", "model": {"uri": "s3://models/student.onnx", "auth": {"secretName": "s"}}}] """,
    ];

    /// <summary>Source of the rules: Kubernetes' Pod Security Standards, profile Restricted.</summary>
    [Theory]
    [MemberData(nameof(Specs))]
    public void Pods_keep_to_the_restricted_profile(string spec)
    {
        var pod = Pod(spec);

        foreach (var field in new[] { "hostNetwork", "hostPID", "hostIPC", "ephemeralContainers" })
        {
            Assert.Null(pod[field]);
        }

        Assert.False((bool)pod["automountServiceAccountToken"]!);
        Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        Assert.Equal("RuntimeDefault", (string?)pod["securityContext"]!["seccompProfile"]!["type"]);
        foreach (var volume in pod["volumes"]!.AsArray())
        {
            Assert.All(volume!.AsObject().Where(static field => field.Key != "name"), static field => Assert.Contains(field.Key, new[] { "configMap", "secret", "emptyDir", "persistentVolumeClaim" }));
        }

        foreach (var container in pod["containers"]!.AsArray().Concat(pod["initContainers"]?.AsArray() ?? []))
        {
            var security = container!["securityContext"]!;
            Assert.False((bool)security["allowPrivilegeEscalation"]!);
            Assert.True((bool)security["readOnlyRootFilesystem"]!);
            Assert.Equal(["ALL"], security["capabilities"]!["drop"]!.AsArray().Select(static c => (string?)c));
            Assert.Null(security["capabilities"]!["add"]);
            Assert.Null(security["privileged"]);
            Assert.All(container["ports"]?.AsArray() ?? [], static port => Assert.Null(port!["hostPort"]));
        }
    }

    [Fact]
    public void What_is_demanded_of_the_gpu_reaches_the_runtime_and_what_is_not_says_nothing()
    {
        var plain = Arguments(Pod(""" "gpu": {"count": 1} """));
        var demanding = Arguments(Pod(""" "gpu": {"count": 1, "provider": "CUDA", "minAcceleratedShare": 90} """));

        Assert.Equal([.. plain, "--provider", "cuda", "--min-accelerated-share", "90"], demanding);
        Assert.DoesNotContain("--provider", plain);
        Assert.Equal(Pod(""" "gpu": {"count": 1} """)["volumes"]!.ToJsonString(), Pod(""" "gpu": {"count": 1, "provider": "CUDA"} """)["volumes"]!.ToJsonString());
    }

    [Theory]
    [InlineData(""" "gpu": {"count": 1, "provider": "TensorRT"} """, """{"name":"engines","emptyDir":{}}""", """{"name":"engines","mountPath":"/engines"}""")]
    [InlineData(""" "gpu": {"count": 1, "provider": "TensorRT"}, "store": {"claimName": "models"} """, """{"name":"engines","persistentVolumeClaim":{"claimName":"models"}}""", """{"name":"engines","mountPath":"/engines","subPath":"inference-engines"}""")]
    public void Engines_of_tensorrt_are_kept_on_the_claim_that_replicas_share_or_as_long_as_the_pod(string spec, string volume, string mount)
    {
        var pod = Pod(spec);

        Assert.Equal(["--engine-cache", "/engines"], Arguments(pod).TakeLast(2));
        Assert.Contains(volume, pod["volumes"]!.AsArray().Select(static v => v!.ToJsonString()));
        Assert.Contains(mount, pod["containers"]![0]!["volumeMounts"]!.AsArray().Select(static m => m!.ToJsonString()));
    }

    [Fact]
    public void Pods_with_gpus_get_the_image_for_them_where_there_is_one()
    {
        var options = new ChildOptions { Image = "runtime:1", GpuImage = "runtime:1-cuda" };

        Assert.Equal("runtime:1-cuda", options.ImageOf(new() { Count = 1 }));
        Assert.Equal("runtime:1", options.ImageOf(new() { Count = 0 }));
        Assert.Equal("runtime:1", (options with { GpuImage = null }).ImageOf(new() { Count = 1 }));
    }

    [Fact]
    public void Credentials_are_mounted_where_the_model_is_fetched_and_nowhere_else()
    {
        var pod = Pod(""" "variants": [{"name": "student", "model": {"uri": "s3://models/student.onnx", "auth": {"secretName": "store"}}}] """);

        var volume = pod["volumes"]!.AsArray().Single(static v => (string?)v!["secret"]?["secretName"] == "store")!;
        Assert.Contains(pod["initContainers"]![0]!["volumeMounts"]!.AsArray(), mount => (string?)mount!["name"] == (string?)volume["name"] && (bool)mount["readOnly"]!);
        Assert.DoesNotContain(pod["containers"]![0]!["volumeMounts"]!.AsArray(), mount => (string?)mount!["name"] == (string?)volume["name"]);
    }

    [Fact]
    public void Another_list_of_sources_replaces_no_pod()
    {
        var agent = Written.Agent("ads", "ranker", uri: "https://models.example/a.onnx");

        var (one, other) = (Written.Children(Written.Plan(agent), sources: []), Written.Children(Written.Plan(agent), sources: ["10.0.0.0/8"]));

        Assert.Equal(one[^1].Manifest.ToJsonString(), other[^1].Manifest.ToJsonString());
        Assert.Equal("", (string?)one[0].Manifest["data"]!["model-sources"]);
        Assert.Equal("10.0.0.0/8\n", (string?)other[0].Manifest["data"]!["model-sources"]);
    }

    [Theory]
    [InlineData(1, 20, true)]
    [InlineData(1, 30, true)]
    [InlineData(1, 31, false)]
    [InlineData(2, 0, false)]
    public void A_model_in_an_image_needs_a_cluster_that_mounts_images(int major, int minor, bool isProblem)
    {
        var spec = Written.Read(Written.Agent("ads", "ranker", uri: "oci://ghcr.io/acme/ranker:3")).Spec;

        Assert.Equal(isProblem, ModelImages.Problem(spec, new(major, minor, $"v{major}.{minor}.0"))?.Contains($"v{major}.{minor}.0", StringComparison.Ordinal) is true);
    }

    [Theory]
    [InlineData("{}", 60, "5s", "50s")]
    [InlineData("""{"terminationGracePeriodSeconds": 600}""", 600, "5s", "590s")]
    [InlineData("""{"terminationGracePeriodSeconds": 8}""", 8, "2s", "4s")]
    [InlineData("""{"terminationGracePeriodSeconds": 0}""", 0, "0s", "1s")]
    public void A_replica_drains_within_its_grace_period(string template, int grace, string delay, string timeout)
    {
        var pod = Pod($""" "template": {template} """);

        Assert.Equal($"{grace}", pod["terminationGracePeriodSeconds"]!.ToJsonString());
        var arguments = pod["containers"]![0]!["args"]!.AsArray().Select(static a => (string)a!).ToList();
        Assert.Equal(Core.Resource.Duration.Parse(delay), Core.Resource.Duration.Parse(arguments[arguments.IndexOf("--drain-delay") + 1]));
        Assert.Equal(Core.Resource.Duration.Parse(timeout), Core.Resource.Duration.Parse(arguments[arguments.IndexOf("--drain-timeout") + 1]));
    }

    [Fact]
    public void Replicas_are_spread_where_there_is_room_and_a_template_may_say_otherwise()
    {
        var pod = Pod(""" "template": {"topologySpreadConstraints": [{"topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule"}, {"topologyKey": "topology.kubernetes.io/zone", "$patch": "delete"}]} """);

        var only = Assert.Single(pod["topologySpreadConstraints"]!.AsArray())!;
        Assert.Equal(("kubernetes.io/hostname", "DoNotSchedule", 1), ((string?)only["topologyKey"], (string?)only["whenUnsatisfiable"], (int)only["maxSkew"]!));
        Assert.Equal(2, Pod(""" "gpu": {"count": 0} """)["topologySpreadConstraints"]!.AsArray().Count);
    }

    private static string[] Arguments(JsonNode pod) => [.. pod["containers"]![0]!["args"]!.AsArray().Select(static argument => (string)argument!)];

    private static JsonNode Pod(string spec) => PodManifest.Render(Written.Read(Written.Agent("ads", "ranker", spec)), PodRendering.Newest, "i", "d")["spec"]!;
}
