using Xunit.Abstractions;
using Xunit.Sdk;

namespace InferenceOperator.Testing.Servers;

/// <summary>Gives every test that needs a server the trait by which it can be left out.</summary>
public sealed class ServerTraitDiscoverer : ITraitDiscoverer
{
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) => [new("needs", "servers")];
}
