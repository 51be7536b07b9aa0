using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Configuration;

public sealed class KubeconfigTests : IDisposable
{
    private const string Simple = """
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: one
          cluster: {server: "https://one.example:6443"}
        - name: two
          cluster: {server: "https://two.example", tls-server-name: inner, insecure-skip-tls-verify: true}
        users:
        - name: me
          user: {token: 12345}
        contexts:
        - name: dev
          context: {cluster: one, user: me, namespace: ads}
        - name: prod
          context: {cluster: two, user: me}
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task The_current_context_says_where_and_as_whom()
    {
        var config = Find(_folder.Write("config", Simple));

        Assert.Equal(("https://one.example:6443/", "ads", false), (config.Server.AbsoluteUri, config.Namespace, config.InsecureSkipTlsVerify));
        Assert.Equal("12345", await config.Credentials.GetTokenAsync(_clock, CancellationToken.None));
    }

    [Fact]
    public void Another_context_can_be_asked_for()
    {
        var config = Find(_folder.Write("config", Simple), "prod");

        Assert.Equal(("https://two.example/", "default", true, "inner"), (config.Server.AbsoluteUri, config.Namespace, config.InsecureSkipTlsVerify, config.TlsServerName));
    }

    [Fact]
    public void Of_several_files_the_first_that_has_a_name_or_a_current_context_wins_and_missing_ones_are_passed_over()
    {
        var contextOnly = _folder.Write("a", "current-context: prod\nclusters: [{name: two, cluster: {server: 'https://mine.example'}}]\n");
        var list = string.Join(Path.PathSeparator, _folder.File("missing"), contextOnly, _folder.Write("b", Simple));

        var config = ConfigSearch.Find(null, null, name => name == "KUBECONFIG" ? list : null, _folder.Path);

        Assert.Equal("https://mine.example/", config.Server.AbsoluteUri);
    }

    [Fact]
    public async Task Paths_are_meant_from_the_files_own_folder()
    {
        Directory.CreateDirectory(_folder.File("secrets"));
        _folder.Write("secrets/token", "from-file\n");
        var text = Simple.Replace("{token: 12345}", "{token: other, tokenFile: secrets/token}", StringComparison.Ordinal);

        var config = Find(_folder.Write("config", text));

        Assert.Equal("from-file", await config.Credentials.GetTokenAsync(_clock, CancellationToken.None));
    }

    [Fact]
    public async Task A_plugin_is_run_for_a_token_and_again_when_it_is_about_to_end()
    {
        var script = _folder.Write("plugin", """
            #!/bin/sh
            echo x >> "$COUNT"
            n=$(wc -l < "$COUNT")
            echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"$1-$n\",\"expirationTimestamp\":\"2030-01-01T01:00:00Z\"}}"
            """);
        var exec = $"{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: ['{script}', tok], env: [{{name: COUNT, value: '{_folder.File("count")}'}}]}}}}";
        var config = Find(_folder.Write("config", Simple.Replace("{token: 12345}", exec, StringComparison.Ordinal)));

        var first = await config.Credentials.GetTokenAsync(_clock, CancellationToken.None);
        var again = await config.Credentials.GetTokenAsync(_clock, CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(59));
        var renewed = await config.Credentials.GetTokenAsync(_clock, CancellationToken.None);

        Assert.Equal(("tok-1", "tok-1", "tok-2"), (first, again, renewed));
    }

    [Theory]
    [InlineData("current-context: dev", "current-context: nope", "there is no context \"nope\"; there are: dev, prod")]
    [InlineData("cluster: one,", "cluster: gone,", "there is no cluster \"gone\"; there are: one, two")]
    [InlineData("{server: \"https://one.example:6443\"}", "{}", "clusters[one].cluster.server is missing")]
    [InlineData("https://one.example:6443", "one.example", "clusters[one].cluster.server is \"one.example\", not an http or https address")]
    [InlineData("{token: 12345}", "{client-key-data: aGk=}", "has client-key but no client-certificate")]
    [InlineData("{token: 12345}", "{client-certificate-data: '%%'}", "client-certificate-data is not base64")]
    [InlineData("{token: 12345}", "{auth-provider: {name: gcp}}", "users[me].user.auth-provider is not supported")]
    [InlineData("{token: 12345}", "{client-certificate: missing.crt, client-key: missing.key}", "client-certificate: Could not find file")]
    [InlineData("{token: 12345}", "{token: 12345, username: me, password: x}", "users[me].user has both a token and a username")]
    [InlineData("{token: 12345}", "{token: 12345, as-groups: [a]}", "but not as whom (as)")]
    [InlineData("{token: 12345}", "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}", "neither client.authentication.k8s.io/v1 nor client.authentication.k8s.io/v1beta1")]
    [InlineData("{token: 12345}", "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x}}", "users[me].user.exec.interactiveMode is missing")]
    [InlineData("{token: 12345}", "{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Perhaps}}", "interactiveMode is \"Perhaps\"")]
    [InlineData("apiVersion: v1", "apiVersion: [", "not YAML: it ends too soon")]
    [InlineData("kind: Config", "kind: 'Config", "not YAML at line 2")]
    [InlineData("insecure-skip-tls-verify: true", "insecure-skip-tls-verify: maybe", null)]
    public void What_is_wrong_is_named(string correct, string wrong, string? expected)
    {
        var path = _folder.Write("config", Simple.Replace(correct, wrong, StringComparison.Ordinal));

        if (expected is null)
        {
            Assert.Null(Record.Exception(() => Find(path)));
            expected = "insecure-skip-tls-verify is \"maybe\", neither true nor false";
            path = _folder.Write("config", File.ReadAllText(path).Replace("current-context: dev", "current-context: prod", StringComparison.Ordinal));
        }

        var error = Assert.Throws<KubernetesConfigException>(() => Find(path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_cluster_the_error_says_where_was_looked()
    {
        var error = Assert.Throws<KubernetesConfigException>(() => ConfigSearch.Find(null, null, static _ => null, _folder.Path));

        Assert.Contains("KUBECONFIG is not set", error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder.Path, ".kube", "config"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_without_a_mounted_token_is_told_so()
    {
        static string? Environment(string name) => name == "KUBERNETES_SERVICE_HOST" ? "10.0.0.1" : null;

        var error = Assert.Throws<KubernetesConfigException>(() => InClusterConfig.Read(Environment, _folder.Path));

        Assert.Contains("automountServiceAccountToken", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private KubernetesConfig Find(string path, string? context = null) => ConfigSearch.Find(path, context, static _ => null, _folder.Path);
}
