using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Kubernetes.Transport;
using InferenceOperator.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Transport;

/// <summary>Certificates in files that are renewed while a client uses them.</summary>
public sealed class RenewedConnectionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SimulatedClock _clock = new();
    private readonly CertificateAuthority _first = new("first");
    private readonly CertificateAuthority _second = new("second");

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_renewed_authority_counts_as_soon_as_the_server_shows_a_certificate_of_it()
    {
        await using var server = await StartAsync(_first);
        Write(_first, "one");
        using var client = Connect(server);
        await client.GetVersionAsync(CancellationToken.None);

        server.Renew(_second.IssueServer("127.0.0.1"));
        Write(_second, "one");

        // No time passes: it is the refused certificate that has the file read again.
        await client.GetVersionAsync(CancellationToken.None);
        Assert.Equal((2, 0), server.Count);
    }

    [Fact]
    public async Task A_server_whose_certificate_no_file_vouches_for_is_not_spoken_to()
    {
        await using var server = await StartAsync(_first);
        Write(_first, "one");
        using var client = Connect(server);
        server.Renew(_second.IssueServer("127.0.0.1"));

        var refused = await Assert.ThrowsAsync<ApiException>(() => client.GetVersionAsync(CancellationToken.None));

        Assert.Equal(ApiErrorReason.Unreachable, refused.Reason);
        Assert.Equal((0, 0), server.Count);
    }

    [Fact]
    public async Task A_renewed_client_certificate_counts_as_soon_as_the_former_is_refused()
    {
        await using var server = await StartAsync(_first);
        Write(_first, "one");
        using var client = Connect(server);
        await client.GetVersionAsync(CancellationToken.None);

        server.Users = ["two"];
        Write(_first, "two");
        await client.GetVersionAsync(CancellationToken.None);

        Assert.Equal("two", server.LastUser);
        Assert.Equal((2, 1), server.Count);
    }

    [Fact]
    public async Task A_renewed_client_certificate_is_used_before_the_former_is_refused_and_a_watch_goes_on()
    {
        await using var server = await StartAsync(_first);
        Write(_first, "one");
        using var client = Connect(server);
        using var patience = new CancellationTokenSource(Cluster.Patience, TimeProvider.System);
        await using var watch = client.WatchAsync(Cluster.ConfigMaps, ResourceScope.All, "1", patience.Token).GetAsyncEnumerator(patience.Token);
        Assert.True(await watch.MoveNextAsync());

        Write(_first, "two");
        await client.GetVersionAsync(CancellationToken.None);
        Assert.Equal("one", server.LastUser);
        _clock.Advance(RenewedConnections.LookEvery);
        await client.GetVersionAsync(CancellationToken.None);
        Assert.Equal("two", server.LastUser);

        for (var more = 0; more < 10; more++)
        {
            Assert.True(await watch.MoveNextAsync());
        }

        Assert.Equal((3, 0), server.Count);
    }

    [Fact]
    public async Task Files_that_make_no_sense_at_the_moment_leave_things_as_they_are()
    {
        await using var server = await StartAsync(_first);
        Write(_first, "one");
        using var client = Connect(server);
        await File.WriteAllTextAsync(_folder.File("ca.crt"), "half a certif");
        File.Delete(_folder.File("client.key"));
        _clock.Advance(RenewedConnections.LookEvery);
        await client.GetVersionAsync(CancellationToken.None);
        Assert.Equal("one", server.LastUser);

        // The key does not belong to the certificate until both are there.
        Write(_first, "two", keyOf: "three");
        _clock.Advance(RenewedConnections.LookEvery);
        await client.GetVersionAsync(CancellationToken.None);
        Assert.Equal("one", server.LastUser);
        Write(_first, "two");
        _clock.Advance(RenewedConnections.LookEvery);
        await client.GetVersionAsync(CancellationToken.None);

        Assert.Equal("two", server.LastUser);
        Assert.Equal((3, 0), server.Count);
    }

    [Fact]
    public async Task Of_many_requests_at_the_time_of_a_renewal_none_is_lost()
    {
        const int AtOnce = 16;
        await using var server = await StartAsync(_first);
        Write(_first, "one");
        using var client = Connect(server);
        using var patience = new CancellationTokenSource(Cluster.Patience, TimeProvider.System);
        for (var round = 0; round < 6; round++)
        {
            var asked = Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => client.GetVersionAsync(patience.Token), patience.Token)).ToList();
            var (authority, user) = (round % 2 == 0 ? _second : _first, round % 2 == 0 ? "two" : "one");
            // As whoever renews them should: the new files first, then the server that asks for them.
            Write(authority, user);
            server.Users = ["one", "two"];
            server.Renew(authority.IssueServer("127.0.0.1"));
            server.Users = [user];
            asked.AddRange(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => client.GetVersionAsync(patience.Token), patience.Token)));
            await Task.WhenAll(asked);
        }

        Assert.Equal(6 * 2 * AtOnce, server.Count.Served);
    }

    [Fact]
    public async Task The_authority_of_the_cluster_that_a_pod_runs_in_is_read_again_too()
    {
        await using var server = await StartAsync(_first);
        server.Users = [""];
        await File.WriteAllTextAsync(_folder.File("ca.crt"), _first.Pem);
        await File.WriteAllTextAsync(_folder.File("token"), "t");
        var config = InClusterConfig.Read(name => name switch { "KUBERNETES_SERVICE_HOST" => "127.0.0.1", "KUBERNETES_SERVICE_PORT" => $"{server.Address.Port}", _ => null }, _folder.Path);
        using var client = new KubernetesClient(config, new() { AttemptsMax = 1 }, handler: null, _clock, NullLoggerFactory.Instance);
        await client.GetVersionAsync(CancellationToken.None);

        server.Renew(_second.IssueServer("127.0.0.1"));
        await File.WriteAllTextAsync(_folder.File("ca.crt"), $"{_first.Pem}\n{_second.Pem}\n");
        await client.GetVersionAsync(CancellationToken.None);

        Assert.Equal((2, 0), server.Count);
    }

    private static async Task<TlsServer> StartAsync(CertificateAuthority authority)
    {
        var server = await TlsServer.StartAsync(authority.IssueServer("127.0.0.1"));
        server.Users = ["one", "two"];
        return server;
    }

    private KubernetesClient Connect(TlsServer server)
    {
        var path = _folder.File("config");
        File.WriteAllText(path, $$"""
            apiVersion: v1
            kind: Config
            current-context: a
            contexts: [{name: a, context: {cluster: a, user: a} }]
            clusters: [{name: a, cluster: {server: "{{server.Address}}", certificate-authority: ca.crt} }]
            users: [{name: a, user: {client-certificate: client.crt, client-key: client.key} }]
            """);
        // One try: whatever is mended is mended without one.
        return new KubernetesClient(KubernetesConfig.Load(path, context: null), new() { AttemptsMax = 1 }, handler: null, _clock, NullLoggerFactory.Instance);
    }

    private void Write(CertificateAuthority authority, string user, string? keyOf = null)
    {
        var (certificate, key) = authority.IssueClient(user, []);
        File.WriteAllText(_folder.File("ca.crt"), authority.Pem);
        File.WriteAllText(_folder.File("client.crt"), certificate);
        File.WriteAllText(_folder.File("client.key"), keyOf is null ? key : authority.IssueClient(keyOf, []).Key);
    }
}
