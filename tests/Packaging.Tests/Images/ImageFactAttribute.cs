using Packaging.Tests.Kit;
using Xunit.Sdk;

namespace Packaging.Tests.Images;

/// <summary>A test that makes an image's tree and runs its program: left out of the quick suites, skipped with the reason where a program is missing.</summary>
[TraitDiscoverer("InferenceOperator.Testing.Servers.ServerTraitDiscoverer", "Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class ImageFactAttribute : FactAttribute, ITraitAttribute
{
    public ImageFactAttribute()
    {
        var missing = new[] { "npm", "node", "setpriv" }.Where(static program => Shell.Find(program) is null).ToArray();
        if (missing.Length > 0)
        {
            Skip = "not on the PATH: " + string.Join(", ", missing);
        }
    }
}
