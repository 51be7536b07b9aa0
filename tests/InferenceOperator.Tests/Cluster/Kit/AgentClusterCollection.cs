namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>The tests that share one API server; each works in a namespace of its own, one after another.</summary>
[CollectionDefinition(Name)]
public sealed class AgentClusterCollection : ICollectionFixture<AgentClusterFixture>
{
    public const string Name = "agents on an API server";
}
