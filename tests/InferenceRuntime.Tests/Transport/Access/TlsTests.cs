using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using InferenceOperator.Testing.Servers;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Transport.Access;

public sealed class TlsTests : IDisposable
{
    private static readonly ModelSignature Row = EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2]));
    private const string Good = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("tls").FullName;
    private readonly CertificateAuthority _authority = new("first");
    private readonly SimulatedClock _clock = new();

    private string CertificateFile => Path.Combine(_folder, "tls.crt");

    private string KeyFile => Path.Combine(_folder, "tls.key");

    private string ClientCaFile => Path.Combine(_folder, "ca.crt");

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_request_over_TLS_is_answered_and_plain_HTTP_is_not()
    {
        WriteServer(_authority);
        await using var server = await StartAsync(clientCa: null);
        using var client = Client(_authority);

        using var reply = await client.PostAsync(new Uri(server.Url, "/v2/models/echo/infer"), new StringContent(Good));

        Assert.Equal(Uri.UriSchemeHttps, server.Url.Scheme);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        await Assert.ThrowsAnyAsync<IOException>(() => server.InferAsync(Good));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(server.Url, "/v2/health/live"))).StatusCode);
    }

    [Fact]
    public async Task New_files_hold_for_new_connections_and_open_ones_live_on()
    {
        WriteServer(_authority);
        await using var server = await StartAsync(clientCa: null);
        using var second = new CertificateAuthority("second");
        using var before = Client(_authority);
        using var after = Client(second);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync(new Uri(server.Url, "/v2"))).StatusCode);

        WriteServer(second);
        _clock.Advance(FollowedFiles<object>.Interval);

        Assert.Equal(HttpStatusCode.OK, (await after.GetAsync(new Uri(server.Url, "/v2"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync(new Uri(server.Url, "/v2"))).StatusCode);
        using var late = Client(_authority);
        await Assert.ThrowsAsync<HttpRequestException>(() => late.GetAsync(new Uri(server.Url, "/v2")));
    }

    [Fact]
    public async Task Files_that_do_not_fit_together_change_nothing()
    {
        WriteServer(_authority);
        await using var server = await StartAsync(clientCa: null);
        using var second = new CertificateAuthority("second");
        await File.WriteAllTextAsync(CertificateFile, second.IssueServer("127.0.0.1").Certificate);
        _clock.Advance(FollowedFiles<object>.Interval);
        using var client = Client(_authority);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(server.Url, "/v2"))).StatusCode);

        File.Delete(KeyFile);
        _clock.Advance(FollowedFiles<object>.Interval);

        using var another = Client(_authority);
        Assert.Equal(HttpStatusCode.OK, (await another.GetAsync(new Uri(server.Url, "/v2"))).StatusCode);
    }

    [Fact]
    public async Task Where_client_certificates_are_asked_for_only_those_of_the_given_root_are_let_in()
    {
        WriteServer(_authority);
        using var other = new CertificateAuthority("other");
        await File.WriteAllTextAsync(ClientCaFile, other.Pem);
        await using var server = await StartAsync(ClientCaFile);
        using var right = Client(_authority, other.IssueClient("ranker", []));
        using var wrong = Client(_authority, _authority.IssueClient("stranger", []));
        using var serverOfOther = Client(_authority, other.IssueServer("127.0.0.1"));
        using var none = Client(_authority);

        Assert.Equal(HttpStatusCode.OK, (await right.GetAsync(new Uri(server.Url, "/v2"))).StatusCode);
        foreach (var refused in (HttpClient[])[wrong, serverOfOther, none])
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => refused.GetAsync(new Uri(server.Url, "/v2")));
        }

        Assert.Equal(HttpStatusCode.OK, (await right.GetAsync(new Uri(server.Url, "/v2"))).StatusCode);
    }

    [Fact]
    public void Bad_files_are_refused_at_the_start()
    {
        WriteServer(_authority);
        File.WriteAllText(ClientCaFile, "no certificate");
        Assert.ThrowsAny<CryptographicException>(() => new TlsFiles(CertificateFile, KeyFile, ClientCaFile, _clock, NullLogger.Instance));
        File.WriteAllText(KeyFile, "no key");
        Assert.ThrowsAny<CryptographicException>(() => new TlsFiles(CertificateFile, KeyFile, null, _clock, NullLogger.Instance));
        File.Delete(KeyFile);
        Assert.ThrowsAny<IOException>(() => new TlsFiles(CertificateFile, KeyFile, null, _clock, NullLogger.Instance));
    }

    [Fact]
    public async Task A_handshake_in_an_old_version_is_refused()
    {
        WriteServer(_authority);
        await using var server = await StartAsync(clientCa: null);
        using var socket = new TcpClient(server.Url.Host, server.Url.Port);
        // The head of a TLS 1.0 client hello, as old as a client can be.
        await socket.GetStream().WriteAsync(Convert.FromHexString("16030100310100002D0301" + new string('0', 64) + "000006002F0035000A0100"));

        var reply = new byte[16];
        var length = await socket.GetStream().ReadAsync(reply).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        // An alert, or nothing: never a server hello, whose content type is 22.
        Assert.True(length == 0 || reply[0] == 21, Convert.ToHexString(reply.AsSpan(0, length)));
    }

    private Task<EchoServer> StartAsync(string? clientCa)
    {
        var engine = new EchoEngine(Row);
        var tls = new TlsFiles(CertificateFile, KeyFile, clientCa, _clock, NullLogger.Instance);
        return EchoServer.StartAsync(engine, new SingleModel(engine), new RestOptions(), o => o with { Tls = tls });
    }

    private void WriteServer(CertificateAuthority authority)
    {
        var (certificate, key) = authority.IssueServer("127.0.0.1", "localhost");
        File.WriteAllText(CertificateFile, certificate);
        File.WriteAllText(KeyFile, key);
    }

    private static HttpClient Client(CertificateAuthority trusted, (string Certificate, string Key)? own = null)
    {
        var handler = new SocketsHttpHandler();
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(trusted.Pem);
        handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        if (own is { } pair)
        {
            using var pem = X509Certificate2.CreateFromPem(pair.Certificate, pair.Key);
            handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)];
        }

        return new HttpClient(handler);
    }
}
