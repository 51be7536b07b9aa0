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
    ];

    /// <summary>Source of the rules: Kubernetes' Pod Security Standards, profile Restricted.</summary>
    [Theory]
    [MemberData(nameof(Specs))]
    public void Pods_keep_to_the_restricted_profile(string spec)
    {
        var pod = Pod(spec);

        foreach (var field in new[] { "hostNetwork", "hostPID", "hostIPC", "initContainers", "ephemeralContainers" })
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

        foreach (var container in pod["containers"]!.AsArray())
        {
            var security = container!["securityContext"]!;
            Assert.False((bool)security["allowPrivilegeEscalation"]!);
            Assert.True((bool)security["readOnlyRootFilesystem"]!);
            Assert.Equal(["ALL"], security["capabilities"]!["drop"]!.AsArray().Select(static c => (string?)c));
            Assert.Null(security["capabilities"]!["add"]);
            Assert.Null(security["privileged"]);
            Assert.All(container["ports"]!.AsArray(), static port => Assert.Null(port!["hostPort"]));
        }
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

    private static JsonNode Pod(string spec) => PodManifest.Render(Written.Read(Written.Agent("ads", "ranker", spec)), PodRendering.Newest, "i", "d")["spec"]!;
}
