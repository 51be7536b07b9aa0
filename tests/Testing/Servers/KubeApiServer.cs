using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace InferenceOperator.Testing.Servers;

/// <summary>A real etcd and kube-apiserver with role-based access control, on ports and in a folder of their own. Ready after about 5 s.</summary>
/// <remarks>
/// Without <see cref="StartControllersAsync"/> no controllers run: nothing makes pods of Deployments, and nothing collects what deleted objects owned.
/// </remarks>
public sealed class KubeApiServer : IAsyncDisposable
{
    private const int TriesMax = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly CertificateAuthority _authority = new("test-cluster");
    private readonly string _programs;
    private readonly IReadOnlyList<string> _flags;
    private readonly HttpClient _admin;
    private readonly HttpClient _etcdClient = new();
    private RealServer? _etcd;
    private RealServer? _server;
    private RealServer? _controllers;
    private int _etcdPort;
    private int _etcdPeerPort;
    private int _port;
    private int _kubeconfigs;

    private KubeApiServer(string programs, IReadOnlyList<string> flags)
    {
        _programs = programs;
        _flags = flags;
        WriteKeys();
        _admin = new HttpClient(AdminHandler());
        AdminKubeconfig = "";
    }

    /// <summary>The address, <c>https://127.0.0.1:port</c>.</summary>
    public Uri Address => new($"https://127.0.0.1:{_port}");

    /// <summary>A kubeconfig file of a cluster administrator.</summary>
    public string AdminKubeconfig { get; private set; }

    /// <summary>The certificate authority of the cluster, PEM.</summary>
    public string AuthorityPem => _authority.Pem;

    /// <summary>The end of the log of the server that ended without being asked to; null when both run or were stopped.</summary>
    public string? Crash => _etcd is { HasExited: true } etcd ? etcd.LogTail : _server is { HasExited: true } server ? server.LogTail : null;

    /// <param name="flags">Further flags for kube-apiserver, such as <c>--watch-cache=false</c>.</param>
    /// <exception cref="InvalidOperationException">The programs are not to be had, or did not start; the message says why.</exception>
    public static async Task<KubeApiServer> StartAsync(IReadOnlyList<string> flags, CancellationToken cancellationToken)
    {
        var programs = ServerPrograms.Find(Server.KubeApiServer, out var missing) ?? throw new InvalidOperationException(missing);
        var cluster = new KubeApiServer(programs, flags);
        try
        {
            await cluster.StartOnFreePortsAsync(cancellationToken).ConfigureAwait(false);
            cluster.AdminKubeconfig = cluster.WriteKubeconfig("admin", "system:masters");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes a kubeconfig file for a user whom a client certificate puts into the groups, and returns its path.</summary>
    public string WriteKubeconfig(string user, params string[] groups)
    {
        var (certificate, key) = _authority.IssueClient(user, groups);
        var text = $"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - name: test
              cluster: {"{"}server: "{Address}", certificate-authority-data: {Base64(AuthorityPem)}{"}"}
            users:
            - name: user
              user: {"{"}client-certificate-data: {Base64(certificate)}, client-key-data: {Base64(key)}{"}"}
            contexts:
            - name: test
              context: {"{"}cluster: test, user: user{"}"}

            """;
        return _folder.Write($"kubeconfig-{Interlocked.Increment(ref _kubeconfigs)}", text);
    }

    /// <summary>A client with all rights, for the few requests that kubelets and schedulers make.</summary>
    public HttpClient NewAdminClient() => new(AdminHandler()) { BaseAddress = Address };

    /// <summary>Starts kube-controller-manager, once: pods come of Deployments, addresses of Services, and what deleted objects owned goes.</summary>
    /// <exception cref="InvalidOperationException">The program is not to be had, or did not start.</exception>
    public async Task StartControllersAsync(CancellationToken cancellationToken)
    {
        var programs = ServerPrograms.Find(Server.KubeControllerManager, out var missing) ?? throw new InvalidOperationException(missing);
        string[] arguments =
        [
            $"--kubeconfig={AdminKubeconfig}", "--leader-elect=false", "--port=0", "--bind-address=127.0.0.1", $"--secure-port={RealServer.FreePort()}",
            $"--cert-dir={_folder.Path}", $"--root-ca-file={_folder.File("ca.crt")}", $"--service-account-private-key-file={_folder.File("accounts.key")}",
            // They wait for a cloud, and hold up the others by more than 10 s.
            "--controllers=*,-nodeipam,-nodelifecycle,-cloud-node-lifecycle",
        ];
        var account = new Uri(Address, "/api/v1/namespaces/default/serviceaccounts/default");
        _controllers = await RealServer.StartAsync(
            Path.Combine(programs, "kube-controller-manager"),
            arguments,
            async cancelled =>
            {
                // The controllers start together; this one's work shows.
                using var answer = await _admin.GetAsync(account, cancelled).ConfigureAwait(false);
                return answer.IsSuccessStatusCode;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Issues a token, good for an hour, for a service account that exists.</summary>
    public async Task<string> CreateTokenAsync(string ns, string account, CancellationToken cancellationToken)
    {
        var path = new Uri(Address, $"/api/v1/namespaces/{ns}/serviceaccounts/{account}/token");
        const string Request = """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}""";
        using var body = new StringContent(Request, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _admin.PostAsync(path, body, cancellationToken).ConfigureAwait(false);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"No token for {ns}/{account}: {text}");
        }

        using var issued = System.Text.Json.JsonDocument.Parse(text);
        return issued.RootElement.GetProperty("status").GetProperty("token").GetString()!; // A TokenRequest that succeeded has one.
    }

    /// <summary>Kills kube-apiserver as a crash would; etcd keeps the data.</summary>
    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts kube-apiserver again on the same port and data.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync().ConfigureAwait(false);
        _server = await RealServer
            .StartAsync(Path.Combine(_programs, "kube-apiserver"), Arguments(), IsReadyAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes etcd forget the history up to now, so that older resource versions are answered with 410.</summary>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        var gateway = $"http://127.0.0.1:{_etcdPort}/v3/kv/";
        using var nothing = new StringContent("""{"key":"AA==","limit":"1"}""");
        using var state = await _etcdClient.PostAsync(new Uri(gateway + "range"), nothing, cancellationToken).ConfigureAwait(false);
        state.EnsureSuccessStatusCode();
        using var header = System.Text.Json.JsonDocument.Parse(await state.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        var revision = header.RootElement.GetProperty("header").GetProperty("revision").GetString();
        using var order = new StringContent($$"""{"revision":"{{revision}}","physical":true}""");
        using var done = await _etcdClient.PostAsync(new Uri(gateway + "compaction"), order, cancellationToken).ConfigureAwait(false);
        done.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (_controllers is { } controllers)
        {
            await controllers.DisposeAsync().ConfigureAwait(false);
        }

        await StopAsync().ConfigureAwait(false);
        if (_etcd is { } etcd)
        {
            await etcd.DisposeAsync().ConfigureAwait(false);
        }

        _admin.Dispose();
        _etcdClient.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    private async Task StartOnFreePortsAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                (_etcdPort, _etcdPeerPort) = (RealServer.FreePort(), RealServer.FreePort());
                await StartEtcdAsync(cancellationToken).ConfigureAwait(false);
                _port = RealServer.FreePort();
                await RestartAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (InvalidOperationException error)
                when (attempt < TriesMax && error.Message.Contains("address already in use", StringComparison.Ordinal))
            {
                // Somebody else took a port between the choice and its use.
                if (_etcd is { } etcd)
                {
                    await etcd.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Kills etcd as a crash would and starts it again on the same port and data; kube-apiserver goes on running.</summary>
    public async Task RestartEtcdAsync(CancellationToken cancellationToken)
    {
        if (_etcd is { } etcd)
        {
            _etcd = null;
            await etcd.DisposeAsync().ConfigureAwait(false);
        }

        await StartEtcdAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task StartEtcdAsync(CancellationToken cancellationToken)
    {
        var (client, peer) = ($"http://127.0.0.1:{_etcdPort}", $"http://127.0.0.1:{_etcdPeerPort}");
        string[] arguments =
        [
            "--name=test", $"--data-dir={_folder.File($"etcd-{_etcdPort}")}", "--unsafe-no-fsync",
            $"--listen-client-urls={client}", $"--advertise-client-urls={client}",
            $"--listen-peer-urls={peer}", $"--initial-advertise-peer-urls={peer}", $"--initial-cluster=test={peer}",
        ];
        _etcd = await RealServer.StartAsync(
            Path.Combine(_programs, "etcd"),
            arguments,
            async cancelled =>
            {
                using var answer = await _etcdClient.GetAsync(new Uri(client + "/health"), cancelled).ConfigureAwait(false);
                return answer.IsSuccessStatusCode;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private string[] Arguments() =>
    [
        $"--etcd-servers=http://127.0.0.1:{_etcdPort}",
        "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", $"--secure-port={_port}",
        $"--cert-dir={_folder.Path}",
        $"--tls-cert-file={_folder.File("server.crt")}", $"--tls-private-key-file={_folder.File("server.key")}",
        $"--client-ca-file={_folder.File("ca.crt")}",
        $"--service-account-issuer={Address}",
        $"--service-account-key-file={_folder.File("accounts.pub")}",
        $"--service-account-signing-key-file={_folder.File("accounts.key")}",
        "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--allow-privileged=true",
        // Without controllers no namespace gets its default account, and no pod could be created.
        "--disable-admission-plugins=ServiceAccount",
        .. _flags,
    ];

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        using var ready = await _admin.GetAsync(new Uri(Address, "/readyz"), cancellationToken).ConfigureAwait(false);
        if (!ready.IsSuccessStatusCode)
        {
            return false;
        }

        using var ns = await _admin.GetAsync(new Uri(Address, "/api/v1/namespaces/default"), cancellationToken).ConfigureAwait(false);
        return ns.IsSuccessStatusCode;
    }

    private void WriteKeys()
    {
        var (certificate, key) = _authority.IssueServer("127.0.0.1", "localhost", "kubernetes.default.svc");
        _folder.Write("ca.crt", AuthorityPem);
        _folder.Write("server.crt", certificate);
        _folder.Write("server.key", key);
        using var accounts = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _folder.Write("accounts.key", accounts.ExportPkcs8PrivateKeyPem());
        _folder.Write("accounts.pub", accounts.ExportSubjectPublicKeyInfoPem());
    }

    private SocketsHttpHandler AdminHandler()
    {
        var (certificate, key) = _authority.IssueClient("admin", ["system:masters"]);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(AuthorityPem));
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
        handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPem(certificate, key)];
        return handler;
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
}
