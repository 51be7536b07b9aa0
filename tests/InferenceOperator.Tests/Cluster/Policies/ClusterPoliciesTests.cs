using System.Net;
using System.Text;
using InferenceOperator.Cluster.Policies;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Tests.Cluster.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Tests.Cluster.Policies;

/// <summary>When agents are judged anew because of policies.</summary>
public sealed class ClusterPoliciesTests
{
    private const string Policy = """
        {"metadata": {"name": "few", "uid": "1", "resourceVersion": "7", "generation": 1}, "spec": {"ceilings": {"replicas": 4} } }
        """;

    [Fact]
    public async Task Where_there_is_no_policy_no_agent_is_looked_at_again()
    {
        var judged = await JudgedAtStartAsync(policies: "");

        Assert.Empty(judged);
    }

    [Fact]
    public async Task Where_there_is_one_agents_are_looked_at_when_it_counts()
    {
        var judged = await JudgedAtStartAsync(Policy);

        Assert.Equal(4, judged[^1]);
    }

    /// <returns>The most replicas that the agent may have, whenever agents were to be judged anew until the policies were known.</returns>
    private static async Task<List<int>> JudgedAtStartAsync(string policies)
    {
        var agent = Written.Read(Written.Agent("models", "ranker"));
        var judged = new List<int>();
        using var end = new CancellationTokenSource();
        using var client = new KubernetesClient(
            new KubernetesConfig { Server = new Uri("https://server.example"), Source = "test" }, new(), new PolicyServer(policies), TimeProvider.System, NullLoggerFactory.Instance);
        ClusterPolicies? watched = null;
        watched = new ClusterPolicies(client, prices: null, () => judged.Add(watched!.Judge(agent).Agent.Spec.Scaling.MaxReplicas), TimeProvider.System, NullLogger.Instance); // Called while it runs.
        using (watched)
        {
            var running = watched.RunAsync(end.Token);
            await watched.LookedAsync(end.Token);
            await end.CancelAsync();
            await running;
            return judged;
        }
    }

    /// <summary>An API server that knows policies and nothing else, and on which nothing happens.</summary>
    /// <param name="policies">As JSON, with commas between them.</param>
    private sealed class PolicyServer(string policies) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }

            return request.RequestUri.AbsolutePath switch
            {
                $"/apis/{ResourceNames.ApiVersion}" => Reply(HttpStatusCode.OK, """{"resources": [{"name": "inferencepolicies", "kind": "InferencePolicy", "namespaced": false}]}"""),
                $"/apis/{ResourceNames.ApiVersion}/inferencepolicies" => Reply(HttpStatusCode.OK, $$"""{"metadata": {"resourceVersion": "7"}, "items": [{{policies}}]}"""),
                _ => Reply(HttpStatusCode.NotFound, """{"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}"""),
            };
        }

        private static HttpResponseMessage Reply(HttpStatusCode code, string body) => new(code) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}
