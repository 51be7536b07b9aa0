namespace Packaging.Tests.Kit;

/// <summary>What the restricted pod security standard asks of a pod (https://kubernetes.io/docs/concepts/security/pod-security-standards/), and a read-only root.</summary>
internal static class RestrictedPods
{
    private static readonly string[] Volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public static void AssertHolds(JsonObject deployment)
    {
        var pod = deployment.PodSpec();
        Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        Assert.NotEqual("0", pod["securityContext"]!["runAsUser"]!.ToString());
        Assert.Equal("RuntimeDefault", (string?)pod["securityContext"]!["seccompProfile"]!["type"]);
        foreach (var host in new[] { "hostNetwork", "hostPID", "hostIPC" })
        {
            Assert.Null(pod[host]);
        }

        foreach (var container in pod["containers"]!.AsArray())
        {
            var context = container!["securityContext"]!;
            Assert.False((bool)context["allowPrivilegeEscalation"]!);
            Assert.True((bool)context["readOnlyRootFilesystem"]!);
            Assert.Equal("ALL", (string?)Assert.Single(context["capabilities"]!["drop"]!.AsArray()));
            Assert.Null(context["privileged"]);
            Assert.All(container["ports"]!.AsArray(), static port => Assert.Null(port!["hostPort"]));
        }

        Assert.All(pod["volumes"]!.AsArray(), static volume => Assert.Contains(volume!.AsObject().Single(static field => field.Key != "name").Key, Volumes));
    }
}
