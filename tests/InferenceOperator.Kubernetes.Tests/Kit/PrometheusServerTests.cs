using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Kit;

public sealed class PrometheusServerTests
{
    [ServerFact(Server.Prometheus)]
    public async Task It_answers_queries_and_does_so_again_on_the_same_address_after_a_crash()
    {
        await using var prometheus = await PrometheusServer.StartAsync(PrometheusServer.Scraping("none"), CancellationToken.None);
        using var http = new HttpClient();
        var query = new Uri(prometheus.Address, "/api/v1/query?query=vector(7)");

        var before = await http.GetStringAsync(query);
        await prometheus.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(query));
        await prometheus.RestartAsync(CancellationToken.None);
        var after = await http.GetStringAsync(query);

        Assert.Contains("\"7\"", before, StringComparison.Ordinal);
        Assert.Contains("\"7\"", after, StringComparison.Ordinal);
    }
}
