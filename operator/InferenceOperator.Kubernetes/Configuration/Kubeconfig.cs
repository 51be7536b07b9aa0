using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>Kubeconfig files, merged as kubectl does: for each name, and for the current context, the first file that has it wins.</summary>
internal sealed class Kubeconfig
{
    private readonly Dictionary<string, KubeconfigEntry> _clusters = [];
    private readonly Dictionary<string, KubeconfigEntry> _users = [];
    private readonly Dictionary<string, KubeconfigEntry> _contexts = [];
    private readonly string _source;
    private string _current = "";

    private Kubeconfig(IReadOnlyList<string> files)
    {
        _source = string.Join(Path.PathSeparator, files);
        foreach (var file in files)
        {
            Merge(file);
        }
    }

    /// <param name="files">Files that exist, the first to count first.</param>
    /// <param name="context">The context to use; null for the current one.</param>
    public static KubernetesConfig Read(IReadOnlyList<string> files, string? context) => new Kubeconfig(files).Resolve(context);

    private void Merge(string file)
    {
        var root = RootOf(file);
        if (root is null)
        {
            return;
        }

        if (_current.Length == 0)
        {
            _current = root.Text("current-context");
        }

        Collect(root, "clusters", "cluster", _clusters);
        Collect(root, "users", "user", _users);
        Collect(root, "contexts", "context", _contexts);
    }

    private static KubeconfigEntry? RootOf(string file)
    {
        var yaml = new YamlStream();
        try
        {
            using var reader = new StringReader(PemFiles.Text("kubeconfig", file));
            yaml.Load(reader);
        }
        catch (YamlException error)
        {
            throw new KubernetesConfigException($"{file}: not YAML at line {error.Start.Line}: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            // What YamlDotNet throws for a document that ends too soon.
            throw new KubernetesConfigException($"{file}: not YAML: it ends too soon", error);
        }

        return yaml.Documents.Count == 0 || yaml.Documents[0].RootNode is YamlScalarNode { Value: null or "" or "null" }
            ? null
            : yaml.Documents[0].RootNode is YamlMappingNode mapping
                ? new KubeconfigEntry(file, file, mapping)
                : throw new KubernetesConfigException($"{file}: not a kubeconfig: the top must be a mapping");
    }

    private static void Collect(KubeconfigEntry root, string list, string field, Dictionary<string, KubeconfigEntry> into)
    {
        var index = 0;
        foreach (var node in root.Sequence(list))
        {
            var place = $"{root.File}: {list}[{index++}]";
            var item = node is YamlMappingNode mapping
                ? new KubeconfigEntry(root.File, place, mapping)
                : throw new KubernetesConfigException($"{place} must be a mapping");
            var name = item.Text("name");
            if (name.Length == 0)
            {
                throw new KubernetesConfigException($"{place}.name is missing");
            }

            var content = item.Child(field)?.Node ?? new YamlMappingNode();
            into.TryAdd(name, new KubeconfigEntry(root.File, $"{root.File}: {list}[{name}].{field}", content));
        }
    }

    private KubernetesConfig Resolve(string? wanted)
    {
        var name = wanted ?? _current;
        if (name.Length == 0)
        {
            throw new KubernetesConfigException($"{_source}: current-context is not set; name a context: {Names(_contexts)}");
        }

        var context = Entry(_contexts, name, "context", $"{_source}");
        var cluster = Entry(_clusters, context.Text("cluster"), "cluster", context.Place);
        var userName = context.Text("user");
        var user = userName.Length == 0 ? null : Entry(_users, userName, "user", context.Place);
        var tls = new TlsPieces(user?.Place ?? "", cluster.InlineOrFile("certificate-authority"), user?.InlineOrFile("client-certificate") ?? PemPiece.None, user?.InlineOrFile("client-key") ?? PemPiece.None);
        var texts = tls.Read();
        var ns = context.Text("namespace");
        return new KubernetesConfig
        {
            Server = cluster.Address("server") ?? throw new KubernetesConfigException($"{cluster.Place}.server is missing"),
            Source = $"{_source}, context {name}",
            Namespace = ns.Length == 0 ? "default" : ns,
            CertificateAuthorities = tls.AuthoritiesOf(texts),
            TlsServerName = cluster.Text("tls-server-name"),
            InsecureSkipTlsVerify = Skip(cluster, texts.Authorities),
            Proxy = cluster.Address("proxy-url"),
            ClientCertificate = tls.CertificateOf(texts),
            Tls = tls,
            Credentials = user is null ? Credentials.None : CredentialsOf(user, cluster),
            Headers = user is null ? [] : Impersonation.HeadersOf(user),
        };
    }

    private static bool Skip(KubeconfigEntry cluster, string authorities)
    {
        var skip = cluster.Flag("insecure-skip-tls-verify");
        return skip && authorities.Length > 0
            ? throw new KubernetesConfigException($"{cluster.Place} has both certificate-authority and insecure-skip-tls-verify: true")
            : skip;
    }

    private static Credentials CredentialsOf(KubeconfigEntry user, KubeconfigEntry cluster)
    {
        if (user.Node.Children.ContainsKey(new YamlScalarNode("auth-provider")))
        {
            throw new KubernetesConfigException($"{user.Place}.auth-provider is not supported: use a token, a client certificate or exec");
        }

        // The order of client-go: a file wins over the token beside it, and either over exec.
        var file = user.PathOf("tokenFile");
        var token = user.Text("token");
        var name = user.Text("username");
        if (name.Length > 0 && (file.Length > 0 || token.Length > 0))
        {
            throw new KubernetesConfigException($"{user.Place} has both a token and a username: only one of them can be sent");
        }

        return file.Length > 0 ? new TokenFileCredentials(file)
            : token.Length > 0 ? Credentials.Fixed(token)
            : name.Length > 0 ? Credentials.Basic(name, user.Text("password"))
            : user.Child("exec") is { } exec ? new ExecCredentials(ExecRequest.From(exec, cluster), hasTerminal: !Console.IsInputRedirected)
            : Credentials.None;
    }

    private static KubeconfigEntry Entry(Dictionary<string, KubeconfigEntry> entries, string name, string sort, string place)
    {
        if (name.Length == 0)
        {
            throw new KubernetesConfigException($"{place}.{sort} is missing");
        }

        return entries.TryGetValue(name, out var entry)
            ? entry
            : throw new KubernetesConfigException($"{place}: there is no {sort} \"{name}\"; there are: {Names(entries)}");
    }

    private static string Names(Dictionary<string, KubeconfigEntry> entries) =>
        entries.Count == 0 ? "none" : string.Join(", ", entries.Keys.Order(StringComparer.Ordinal));
}
