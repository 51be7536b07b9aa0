using System.Net;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Configuration;

/// <summary>As whom requests are made, by what a kubeconfig says of the user.</summary>
public sealed class UserTests : IDisposable
{
    private const string V1 = "client.authentication.k8s.io/v1";

    private readonly TemporaryFolder _folder = new();
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task A_name_and_a_password_are_sent_as_basic_authorization()
    {
        var replies = new Replies().Then(HttpStatusCode.OK, """{"major":"1","minor":"20"}""");
        using var client = Client(Config("{username: me, password: 'p:w'}"), replies);

        await client.GetVersionAsync(CancellationToken.None);

        Assert.Equal("Basic bWU6cDp3", replies.Asked.Single().Authorization);
    }

    [Fact]
    public async Task Who_acts_as_another_says_so_in_every_request()
    {
        var headers = new List<string>();
        using var client = Client(Config("{token: t, as: bob, as-groups: [a, b], as-uid: '7', as-user-extra: {scopes: [x]}}"), new HeaderLog(headers));

        await client.GetVersionAsync(CancellationToken.None);

        Assert.Equal(["Impersonate-Extra-scopes=x", "Impersonate-Group=a", "Impersonate-Group=b", "Impersonate-Uid=7", "Impersonate-User=bob"], headers);
    }

    [Theory]
    [InlineData("v1", "Never", true, false)]
    [InlineData("v1", "IfAvailable", false, false)]
    [InlineData("v1", "IfAvailable", true, true)]
    [InlineData("v1beta1", "", true, true)]
    public async Task A_plugin_is_told_whether_it_may_ask_somebody(string version, string mode, bool hasTerminal, bool interactive)
    {
        var credentials = Plugin(
            """echo "$KUBERNETES_EXEC_INFO" > "$SEEN"; echo "{\"apiVersion\":\"$VERSION\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}" """, version, mode, hasTerminal);

        Assert.Equal("t", await credentials.GetTokenAsync(_clock, CancellationToken.None));

        var told = await File.ReadAllTextAsync(_folder.File("seen"));
        Assert.Contains(interactive ? "\"interactive\":true" : "\"interactive\":false", told, StringComparison.Ordinal);
        Assert.Contains("\"server\":\"https://one.example\"", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_must_ask_somebody_is_not_run_without_a_terminal()
    {
        var credentials = Plugin("touch \"$SEEN\"", "v1", "Always", hasTerminal: false);

        var error = await Assert.ThrowsAsync<KubernetesConfigException>(async () => await credentials.GetTokenAsync(_clock, CancellationToken.None));

        Assert.Contains("there is no terminal", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("seen")));
    }

    [Fact]
    public async Task A_plugin_may_give_a_client_certificate_and_a_refused_one_is_asked_for_again()
    {
        using var authority = new CertificateAuthority("test");
        var (certificate, key) = authority.IssueClient("me", ["staff"]);
        var answer = _folder.Write("answer", new System.Text.Json.Nodes.JsonObject
        {
            ["apiVersion"] = V1,
            ["kind"] = "ExecCredential",
            ["status"] = new System.Text.Json.Nodes.JsonObject
            {
                ["clientCertificateData"] = certificate,
                ["clientKeyData"] = key,
                ["expirationTimestamp"] = "2030-01-01T01:00:00Z",
            },
        }.ToJsonString());
        var credentials = Plugin($"echo x >> \"$SEEN\"; cat '{answer}'", "v1", "Never", hasTerminal: false);

        Assert.Equal("", await credentials.GetTokenAsync(_clock, CancellationToken.None));
        Assert.Equal("", await credentials.GetTokenAsync(_clock, CancellationToken.None));
        Assert.True(credentials.Certificate is { HasPrivateKey: true });
        Assert.True(credentials.TryRenew());
        await credentials.GetTokenAsync(_clock, CancellationToken.None);

        Assert.Equal(2, (await File.ReadAllLinesAsync(_folder.File("seen"))).Length);
    }

    [Theory]
    [InlineData("exit 3", "ended with 3")]
    [InlineData("echo hello", "did not print an ExecCredential")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"t"}}'""", "printed client.authentication.k8s.io/v1beta1 ExecCredential, not the client.authentication.k8s.io/v1")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'""", "gave neither a token nor a client certificate")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientKeyData":"x"}}'""", "gave only one of client certificate and key")]
    public async Task What_a_plugin_does_wrong_is_named(string script, string expected)
    {
        var error = await Assert.ThrowsAsync<KubernetesConfigException>(async () => await Plugin(script, "v1", "Never", hasTerminal: false).GetTokenAsync(_clock, CancellationToken.None));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("users[me].user.exec", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_is_not_there_is_named_with_the_hint_how_to_install_it()
    {
        var config = Config($"{{exec: {{apiVersion: {V1}, command: no-such-plugin, interactiveMode: Never, installHint: 'get it at example.org'}}}}");

        var error = await Assert.ThrowsAsync<KubernetesConfigException>(async () => await config.Credentials.GetTokenAsync(_clock, CancellationToken.None));

        Assert.Contains("cannot run no-such-plugin", error.Message, StringComparison.Ordinal);
        Assert.Contains("get it at example.org", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1", "https://10.0.0.1/")]
    [InlineData("fd00::1", "https://[fd00::1]/")]
    public void In_a_pod_the_server_is_the_one_that_the_environment_names(string host, string expected)
    {
        _folder.Write("token", "t");
        using var authority = new CertificateAuthority("test");
        _folder.Write("ca.crt", authority.Pem);

        var config = InClusterConfig.Read(name => name == "KUBERNETES_SERVICE_HOST" ? host : null, _folder.Path);

        Assert.Equal((expected, true, "default"), (config.Server.AbsoluteUri, config.IsInCluster, config.Namespace));
    }

    public void Dispose() => _folder.Dispose();

    private ExecCredentials Plugin(string script, string version, string mode, bool hasTerminal)
    {
        var request = ExecRequest.From(
            Entry($"{{apiVersion: client.authentication.k8s.io/{version}, command: sh, args: ['{_folder.Write("plugin", script)}'], provideClusterInfo: true, interactiveMode: {mode}, env: [{{name: SEEN, value: '{_folder.File("seen")}'}}, {{name: VERSION, value: client.authentication.k8s.io/{version}}}]}}", "users[me].user.exec"),
            Entry("{server: 'https://one.example'}", "cluster"));
        return new ExecCredentials(request, hasTerminal);
    }

    private KubeconfigEntry Entry(string yaml, string place)
    {
        var stream = new YamlDotNet.RepresentationModel.YamlStream();
        stream.Load(new StringReader(yaml));
        return new KubeconfigEntry(_folder.File("config"), place, (YamlDotNet.RepresentationModel.YamlMappingNode)stream.Documents[0].RootNode);
    }

    private KubernetesConfig Config(string user) => ConfigSearch.Find(
        _folder.Write("config", $$$"""
            current-context: dev
            clusters: [{name: one, cluster: {server: "https://one.example"}}]
            users: [{name: me, user: {{{user}}} }]
            contexts: [{name: dev, context: {cluster: one, user: me}}]
            """),
        null,
        static _ => null,
        _folder.Path);

    private KubernetesClient Client(KubernetesConfig config, HttpMessageHandler handler) => new(config, new KubernetesClientOptions(), handler, _clock, NullLoggerFactory.Instance);

    private sealed class HeaderLog(List<string> headers) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            headers.AddRange(request.Headers.Where(static h => h.Key.StartsWith("Impersonate", StringComparison.Ordinal)).SelectMany(static h => h.Value.Select(v => $"{h.Key}={v}")).Order(StringComparer.Ordinal));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"major":"1","minor":"20"}""") });
        }
    }
}
