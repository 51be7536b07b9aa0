using Xunit;
using Xunit.Sdk;

namespace InferenceOperator.Testing.Servers;

/// <summary>A test that needs real servers: skipped with the reason where one is not to be had, and left out by <c>--filter needs!=servers</c>.</summary>
[TraitDiscoverer("InferenceOperator.Testing.Servers.ServerTraitDiscoverer", "Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class ServerFactAttribute : FactAttribute, ITraitAttribute
{
    public ServerFactAttribute(params Server[] servers)
    {
        Servers = servers;
        foreach (var server in servers)
        {
            if (ServerPrograms.Find(server, out var missing) is null)
            {
                Skip = missing;
            }
        }
    }

    public IReadOnlyList<Server> Servers { get; }
}
