using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Execution.Providers;
using InferenceRuntime.Execution.Variants;
using InferenceRuntime.Models;
using InferenceRuntime.Transport.Access;

namespace InferenceRuntime.Commands;

/// <summary><c>inference-runtime serve</c>: its options, and what is made of them.</summary>
internal sealed class ServeCommand
{
    private readonly Option<string?> _model = new("--model") { Description = "ONNX file to serve." };
    private readonly Option<string?> _repository = CommandOptions.Of<string?>("--repository", "Folder of models to serve in place of --model, each as NAME/VERSION/model.onnx; the newest versions answer.");
    private readonly Option<long> _announcedBytes = CommandOptions.Bytes("--announced-bytes", "1Gi", 1L << 40, "Most memory that versions of --repository which are announced for later take before they serve, and never more than half of what is free.");
    private readonly Option<string?> _name = CommandOptions.Of<string?>("--name", "Name in the protocol's paths. [default: the file's name without extension]");
    private readonly Option<string> _version = CommandOptions.Of("--version", "1", "Version in the protocol's paths, a positive number.");
    private readonly Option<string?> _sha256 = CommandOptions.Of<string?>("--sha256", "SHA-256 that the file must have, hexadecimal.");
    private readonly Option<string[]> _variants = new("--variant") { Description = "NAME=PATH of another form of the model, resident beside it; repeatable. The settings' serving shares say which answers.", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string[]> _variantPins = new("--variant-sha256") { Description = "NAME=SHA256 that the file of that --variant must have, hexadecimal; repeatable.", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string[]> _roots = new("--model-root") { Description = "Folder in which the files of --model and --variant have to lie once all links are followed, external data too; repeatable. [default: anywhere]", AllowMultipleArgumentsPerToken = false };
    private readonly Option<int> _httpPort = CommandOptions.Whole("--http-port", 8000, 0, 65535, "REST port; 0 takes a free one.");
    private readonly Option<int> _grpcPort = CommandOptions.Whole("--grpc-port", 8001, 0, 65535, "gRPC port (HTTP/2 without TLS); 0 takes a free one.");
    private readonly Option<int> _metricsPort = CommandOptions.Whole("--metrics-port", 8002, 0, 65535, "Port of /metrics, /healthz and /readyz; 0 takes a free one.");
    private readonly Option<int> _adminPort = CommandOptions.Whole("--admin-port", 8003, 0, 65535, "Port of the settings and the state; 0 takes a free one.");
    private readonly Option<string> _host = CommandOptions.Of("--host", "127.0.0.1", "Address to listen on; * for every one.");
    private readonly Option<string?> _settings = CommandOptions.Of<string?>("--settings", $"JSON file with the settings to start with; followed while serving. A file '{PrefetchPeersFile.Name}' beside it names more of --prefetch-peer, one a line.");
    private readonly Option<string?> _token = CommandOptions.Of<string?>("--admin-token-file", "File with the bearer token of the admin port; without it nothing can be changed there.");
    private readonly Option<string[]> _peers = CommandOptions.Of<string[]>("--prefetch-peer", [], "Admin port of a ready replica of the same model, http://HOST:PORT, that gives its cached responses before this one is ready; repeat it for others to try. Needs --admin-token-file.");
    private readonly Option<long> _prefetchBytes = CommandOptions.Bytes("--prefetch-bytes", "64Mi", CacheSettings.MaxBytesLimit, "Most bytes of cached responses that are fetched.");
    private readonly Option<TimeSpan> _prefetchTime = CommandOptions.Duration("--prefetch-time", "2s", "Longest that fetching them delays ready.");
    private readonly Option<int?> _threads = CommandOptions.OptionalWhole("--threads", 1, 1024, "Threads of all executions. [default: the processors this process may use]");
    private readonly Option<int> _instances = CommandOptions.Whole("--instances", 1, 1, 256, "Executions that may run at the same time.");
    private readonly Option<ProviderWish> _provider = CommandOptions.Parsed<ProviderWish>("--provider", "auto", "By what models run: auto (TensorRT where engines of the model lie in --engine-cache, else CUDA, else the CPU), cpu, cuda or tensorrt; what is named and missing is refused.", "auto, cpu, cuda or tensorrt", TryParseProvider);
    private readonly Option<long?> _gpuMemory = CommandOptions.OptionalBytes("--gpu-memory", 1L << 50, "Most memory of a GPU that the arena of one instance may take, such as 4Gi. [default: all of it]");
    private readonly Option<string?> _engineCache = CommandOptions.Of<string?>("--engine-cache", "Folder where TensorRT's engines and timings are kept. [default: nowhere; each start builds them]");
    private readonly Option<int?> _acceleratedShare = CommandOptions.OptionalWhole("--min-accelerated-share", 0, 100, "Percent of the model's time that has to be on the accelerator, or it is refused. [default: any]");
    private readonly Option<string?> _agent = CommandOptions.Of<string?>("--agent", "NAMESPACE/NAME of the InferenceAgent, for metric labels.");
    private readonly Option<string?> _replica = CommandOptions.Of<string?>("--replica", "Name of this replica, for metric labels.");
    private readonly Option<TimeSpan> _drainDelay = CommandOptions.Duration("--drain-delay", "5s", "Time from not ready to refusing work when told to stop.");
    private readonly Option<TimeSpan> _drainTimeout = CommandOptions.Duration("--drain-timeout", "30s", "Longest wait for requests in flight after that.");
    private readonly Option<long> _requestBytes = CommandOptions.Bytes("--max-request-bytes", "64Mi", ServeOptions.RequestBytesLimit, "Longest request body.");
    private readonly Option<TimeSpan> _connectionAge = CommandOptions.Duration("--connection-max-age", "5m", "Age at which connections to the data ports are asked to go, give or take a tenth; 0s for never.");
    private readonly Option<string?> _tlsCertificate = CommandOptions.Of<string?>("--tls-cert", "PEM file with the certificate of the data ports, which then speak TLS; followed while serving.");
    private readonly Option<string?> _tlsKey = CommandOptions.Of<string?>("--tls-key", "PEM file with the certificate's private key; followed while serving.");
    private readonly Option<string?> _tlsClientCa = CommandOptions.Of<string?>("--tls-client-ca", "PEM file with the roots of clients' certificates, which are then required; followed while serving.");
    private readonly Option<string?> _dataToken = CommandOptions.Of<string?>("--token-file", "File with the bearer tokens that the data ports take, one a line; followed while serving. Health needs none.");
    private readonly Option<string[]> _corsOrigins = new("--cors-origin") { Description = "Origin of web pages whose scripts may use the REST port, or *; may be given several times." };
    private readonly Option<bool> _modelControl = CommandOptions.Of<bool>("--model-control", "Let clients of the data ports load and unload models.");
    private readonly Option<string?> _portFile = CommandOptions.Of<string?>("--port-file", "JSON file that receives the endpoints once the replica is ready.");
    private readonly Option<string?> _terminationLog = CommandOptions.Of<string?>("--termination-log", "File that receives the reason when the start fails.");

    /// <summary>The command, which runs <paramref name="serve"/>.</summary>
    public Command Build(Func<ServeOptions, CancellationToken, Task<int>> serve)
    {
        var command = new Command("serve", "Serves an ONNX model over Open Inference Protocol v2, until SIGTERM or SIGINT.")
        {
            _model, _repository, _announcedBytes, _name, _version, _sha256, _variants, _variantPins, _roots, _httpPort, _grpcPort, _metricsPort, _adminPort, _host, _settings, _token, _peers, _prefetchBytes, _prefetchTime, _threads, _instances,
            _provider, _gpuMemory, _engineCache, _acceleratedShare, _agent, _replica, _drainDelay, _drainTimeout, _requestBytes, _connectionAge,
            _tlsCertificate, _tlsKey, _tlsClientCa, _dataToken, _corsOrigins, _modelControl, _portFile, _terminationLog,
        };
        _agent.Validators.Add(static r => Check(r, "--agent", "NAMESPACE/NAME", static t => t.Split('/') is [{ Length: > 0 }, { Length: > 0 }]));
        _version.Validators.Add(static r => Check(r, "--version", "a positive number", static t => ulong.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var v) && v > 0));
        _name.Validators.Add(static r => Check(r, "--name", "a name of 1 to 253 characters without slashes", ModelFolders.IsName));
        _host.Validators.Add(static r => Check(r, "--host", "an IP address or *", static t => t == "*" || IPAddress.TryParse(t, out _)));
        _variants.Validators.Add(CheckVariants);
        _sha256.Validators.Add(static r => Check(r, "--sha256", "64 hexadecimal digits", IsSha256));
        _variantPins.Validators.Add(static r => Check(r, "--variant-sha256", "NAME=SHA256 with 64 hexadecimal digits", static t => IsSha256(Variant(t).Value)));
        _corsOrigins.Validators.Add(static r => Check(r, "--cors-origin", "an origin such as https://app.example, or *", CrossOrigin.IsOrigin));
        _peers.Validators.Add(static r => Check(r, "--prefetch-peer", "an address such as http://10.0.0.7:8003", static t => Uri.TryCreate(t, UriKind.Absolute, out var u) && u.Scheme == Uri.UriSchemeHttp));
        command.Validators.Add(result =>
        {
            if (result.GetValue(_tlsCertificate) is null != result.GetValue(_tlsKey) is null)
            {
                result.AddError("--tls-cert and --tls-key go together");
            }
            else if (result.GetValue(_tlsClientCa) is not null && result.GetValue(_tlsCertificate) is null)
            {
                result.AddError("--tls-client-ca needs --tls-cert and --tls-key");
            }
            else if (result.GetValue(_model) is null == result.GetValue(_repository) is null)
            {
                result.AddError("one of --model and --repository is needed, and not both");
            }
            else if (result.GetValue(_repository) is not null && ModelOptions().FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } option)
            {
                result.AddError($"{option.Name}: goes with --model only");
            }
            else if (UnknownPin(result) is { } pinned)
            {
                result.AddError($"--variant-sha256: there is no --variant '{pinned}', or it has another already");
            }
            else if (result.GetValue(_repository) is null && result.GetResult(_announcedBytes) is { Implicit: false })
            {
                result.AddError("--announced-bytes: goes with --repository only");
            }
            else if (result.GetValue(_peers) is { Length: > 0 } && result.GetValue(_token) is null)
            {
                result.AddError("--prefetch-peer: needs --admin-token-file");
            }
        });
        command.SetAction((result, cancellationToken) => serve(Read(result), cancellationToken));
        return command;
    }

    /// <summary>What is said of the one model.</summary>
    private Option[] ModelOptions() => [_name, _version, _sha256, _variants, _variantPins, _roots, _peers];

    private static void CheckVariants(OptionResult result)
    {
        Check(result, "--variant", "NAME=PATH with a name of 1 to 63 letters, digits, '-', '_' or '.'", static t => Variant(t) is { Key.Length: > 0 and <= 63, Value.Length: > 0 } v && v.Key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'));
        var names = result.Tokens.Select(static t => Variant(t.Value).Key).Append(ServingShares.Full).ToList();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            result.AddError($"--variant: a name stands twice; '{ServingShares.Full}' is the one of --model");
        }

        if (names.Count > ServingShares.VariantsMax)
        {
            result.AddError($"--variant: more than {ServingShares.VariantsMax - 1}");
        }
    }

    private static bool TryParseProvider(string text, out ProviderWish wish)
    {
        ProviderWish? known = text switch
        {
            "auto" => new ProviderWish.Auto(),
            "cpu" => new ProviderWish.Demanded(ExecutionProvider.Cpu),
            "cuda" => new ProviderWish.Demanded(ExecutionProvider.Cuda),
            "tensorrt" => new ProviderWish.Demanded(ExecutionProvider.TensorRt),
            _ => null,
        };
        wish = known ?? new ProviderWish.Auto();
        return known is not null;
    }

    private static bool IsSha256(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigit);

    // The first pin of no variant, or the second of one; null: there is neither.
    private string? UnknownPin(CommandResult result)
    {
        var left = (result.GetValue(_variants) ?? []).Select(static t => Variant(t).Key).ToList();
        return (result.GetValue(_variantPins) ?? []).Select(static t => Variant(t).Key).FirstOrDefault(name => !left.Remove(name));
    }

    private static KeyValuePair<string, string> Variant(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) is var at and >= 0 ? new(text[..at], text[(at + 1)..]) : default;

    private static void Check(OptionResult result, string option, string expected, Func<string, bool> holds)
    {
        foreach (var token in result.Tokens)
        {
            if (!holds(token.Value))
            {
                result.AddError($"{option}: '{token.Value}' is not {expected}");
            }
        }
    }

    private static string? PeersPath(string? settings) =>
        settings is null ? null : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(settings)) ?? "/", PrefetchPeersFile.Name);

    private ServeOptions Read(ParseResult result)
    {
        var model = result.GetValue(_model);
        var host = result.GetRequiredValue(_host);
        var agent = result.GetValue(_agent)?.Split('/');
        var pins = (result.GetValue(_variantPins) ?? []).Select(Variant).ToDictionary(StringComparer.Ordinal);
        return new ServeOptions
        {
            RepositoryPath = result.GetValue(_repository),
            AnnouncedBytesMax = result.GetValue(_announcedBytes),
            ModelPath = model ?? "",
            Name = result.GetValue(_name) ?? Path.GetFileNameWithoutExtension(model) ?? "",
            Version = result.GetRequiredValue(_version),
            Sha256 = result.GetValue(_sha256),
            Variants = [.. (result.GetValue(_variants) ?? []).Select(Variant).Select(v => new VariantFile(v.Key, v.Value, pins.GetValueOrDefault(v.Key)))],
            Roots = result.GetValue(_roots) is { Length: > 0 } roots ? roots : null,
            Address = host == "*" ? IPAddress.Any : IPAddress.Parse(host),
            HttpPort = result.GetValue(_httpPort),
            GrpcPort = result.GetValue(_grpcPort),
            MetricsPort = result.GetValue(_metricsPort),
            AdminPort = result.GetValue(_adminPort),
            SettingsPath = result.GetValue(_settings),
            AdminTokenPath = result.GetValue(_token),
            Prefetch = result.GetValue(_token) is { } token
                ? new PrefetchOptions(
                    [.. (result.GetValue(_peers) ?? []).Select(static p => new Uri(p))], PeersPath(result.GetValue(_settings)), token,
                    result.GetValue(_prefetchBytes), result.GetValue(_prefetchTime))
                : null,
            Threads = result.GetValue(_threads),
            Instances = result.GetValue(_instances),
            Accelerator = new AcceleratorOptions
            {
                Wish = result.GetRequiredValue(_provider),
                MemoryBytesMax = result.GetValue(_gpuMemory),
                EngineCachePath = result.GetValue(_engineCache),
                TimeShareMin = result.GetValue(_acceleratedShare) / 100.0,
            },
            AgentNamespace = agent?[0],
            Agent = agent?[1],
            Replica = result.GetValue(_replica),
            DrainDelay = result.GetValue(_drainDelay),
            DrainTimeout = result.GetValue(_drainTimeout),
            RequestBytesMax = result.GetValue(_requestBytes),
            ConnectionAgeMax = result.GetValue(_connectionAge),
            TlsCertificatePath = result.GetValue(_tlsCertificate),
            TlsKeyPath = result.GetValue(_tlsKey),
            TlsClientCaPath = result.GetValue(_tlsClientCa),
            TokenPath = result.GetValue(_dataToken),
            CorsOrigins = result.GetValue(_corsOrigins) ?? [],
            ModelControl = result.GetValue(_modelControl),
            PortFilePath = result.GetValue(_portFile),
            TerminationLogPath = result.GetValue(_terminationLog),
        };
    }
}
