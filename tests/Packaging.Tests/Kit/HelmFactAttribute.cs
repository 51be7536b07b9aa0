using InferenceOperator.Testing.Servers;
using Xunit.Sdk;

namespace Packaging.Tests.Kit;

/// <summary>A test that renders the chart, and may need servers: skipped with the reason where something is not to be had.</summary>
[TraitDiscoverer("InferenceOperator.Testing.Servers.ServerTraitDiscoverer", "Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class HelmFactAttribute : FactAttribute, ITraitAttribute
{
    public HelmFactAttribute(params Server[] servers)
    {
        Servers = servers;
        var missing = servers.Select(static server => ServerPrograms.Find(server, out var why) is null ? why : "").FirstOrDefault(static why => why.Length > 0);
        if (HelmEngine.Find(out var engine) is null)
        {
            Skip = engine;
        }
        else if (missing is not null)
        {
            Skip = missing;
        }
        else if (servers.Length > 0 && Shell.Find("kubectl") is null)
        {
            Skip = "kubectl is not on the PATH";
        }
    }

    public IReadOnlyList<Server> Servers { get; }
}
