using InferenceOperator.Testing.Servers;
using Xunit.Sdk;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>A test that needs a real API server and kubectl: skipped with the reason where one is not to be had.</summary>
[TraitDiscoverer("InferenceOperator.Testing.Servers.ServerTraitDiscoverer", "Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class KubectlFactAttribute : FactAttribute, ITraitAttribute
{
    public KubectlFactAttribute()
    {
        if (ServerPrograms.Find(Server.KubeApiServer, out var missing) is null)
        {
            Skip = missing;
        }
        else if (Kubectl.Program is null)
        {
            Skip = "kubectl is not on the PATH";
        }
    }
}
