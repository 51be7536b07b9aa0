using Packaging.Tests.Kit;
using Xunit.Sdk;

namespace Packaging.Tests.Images;

/// <summary>A test of an image's tree with libraries that stand in for CUDA's: as <see cref="ImageFactAttribute"/>, and a compiler is needed.</summary>
[TraitDiscoverer("InferenceOperator.Testing.Servers.ServerTraitDiscoverer", "Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class StandInFactAttribute : FactAttribute, ITraitAttribute
{
    public StandInFactAttribute()
    {
        var missing = new[] { "npm", "node", "setpriv", "cc", "nm" }.Where(static program => Shell.Find(program) is null).ToArray();
        if (missing.Length > 0)
        {
            Skip = "not on the PATH: " + string.Join(", ", missing);
        }
    }
}
