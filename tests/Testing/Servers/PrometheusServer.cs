namespace InferenceOperator.Testing.Servers;

/// <summary>A real Prometheus on a port and in a folder of its own. Ready after about a second.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly string _programs;
    private readonly int _port = RealServer.FreePort();
    private RealServer? _server;

    private PrometheusServer(string programs)
    {
        _programs = programs;
    }

    /// <summary>The address, <c>http://127.0.0.1:port</c>; the same after a restart.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>Starts it with a configuration as in <c>prometheus.yml</c>.</summary>
    /// <exception cref="InvalidOperationException">The programs are not to be had, or did not start; the message says why.</exception>
    public static async Task<PrometheusServer> StartAsync(string configuration, CancellationToken cancellationToken)
    {
        var programs = ServerPrograms.Find(Server.Prometheus, out var missing) ?? throw new InvalidOperationException(missing);
        var prometheus = new PrometheusServer(programs);
        try
        {
            prometheus._folder.Write("prometheus.yml", configuration);
            await prometheus.RestartAsync(cancellationToken).ConfigureAwait(false);
            return prometheus;
        }
        catch
        {
            await prometheus.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A configuration that scrapes the targets, every second, under one job.</summary>
    /// <param name="job">The value of the label <c>job</c>.</param>
    /// <param name="targets">As <c>host:port</c>; their path is <c>/metrics</c>.</param>
    public static string Scraping(string job, params string[] targets) => $$"""
        global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
        scrape_configs:
        - job_name: {{job}}
          static_configs:
          - targets: [{{string.Join(", ", targets.Select(static target => $"'{target}'"))}}]

        """;

    /// <summary>Replaces the configuration and has it loaded.</summary>
    public async Task ReloadAsync(string configuration, CancellationToken cancellationToken)
    {
        _folder.Write("prometheus.yml", configuration);
        using var answer = await _http.PostAsync(new Uri(Address, "/-/reload"), content: null, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException(
                $"Prometheus refused the configuration: {await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)}");
        }
    }

    /// <summary>Kills it as a crash would; what it has stored stays.</summary>
    public async Task StopAsync()
    {
        if (_server is { } server)
        {
            _server = null;
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts it again on the same port and data.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await StopAsync().ConfigureAwait(false);
        string[] arguments =
        [
            $"--config.file={_folder.File("prometheus.yml")}", $"--storage.tsdb.path={_folder.File("storage")}",
            $"--web.listen-address=127.0.0.1:{_port}", "--web.enable-lifecycle", "--log.level=warn",
        ];
        _server = await RealServer.StartAsync(
            Path.Combine(_programs, "prometheus"),
            arguments,
            async cancelled =>
            {
                using var answer = await _http.GetAsync(new Uri(Address, "/-/ready"), cancelled).ConfigureAwait(false);
                return answer.IsSuccessStatusCode;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _http.Dispose();
        _folder.Dispose();
    }
}
