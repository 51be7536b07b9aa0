using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>The tests that share one API server; each works in a namespace of its own.</summary>
[CollectionDefinition(Name)]
public sealed class ApiServerCollection : ICollectionFixture<KubeApiServerFixture>
{
    public const string Name = "api server";
}
