using Xunit.Sdk;

namespace InferenceRuntime.Tests.Grpc.Clients;

/// <summary>A test by a foreign client: skipped with the reason where it is not to be had, and left out by <c>--filter needs!=servers</c>.</summary>
[TraitDiscoverer("InferenceOperator.Testing.Servers.ServerTraitDiscoverer", "Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class ForeignClientTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public ForeignClientTheoryAttribute(ForeignClient client)
    {
        Client = client;
        Skip = ForeignProcess.Missing(client);
    }

    public ForeignClient Client { get; }
}
