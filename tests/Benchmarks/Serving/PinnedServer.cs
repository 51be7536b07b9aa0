using System.Globalization;
using System.Text;
using System.Text.Json;
using InferenceOperator.Benchmarks.Processes;
using InferenceRuntime.Contract;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A server on the server's core.</summary>
internal sealed class PinnedServer : IDisposable
{
    /// <summary>The core that serves.</summary>
    public const int ServerCore = 0;

    private static readonly string Runtime = Path.Combine(AppContext.BaseDirectory, "inference-runtime");

    private readonly PinnedProcess _process;
    private readonly string _folder;

    private PinnedServer(PinnedProcess process, string folder, Uri url)
    {
        _process = process;
        _folder = folder;
        Url = url;
    }

    /// <summary>Where it listens for REST.</summary>
    public Uri Url { get; }

    /// <summary>Where it listens for gRPC; null where it does not.</summary>
    public Uri? Grpc { get; private init; }

    /// <summary>Where it tells its metrics; null where it does not.</summary>
    public Uri? Metrics { get; private init; }

    /// <summary>Processor seconds that the process has used so far.</summary>
    public double CpuSeconds => _process.CpuSeconds;

    /// <summary>Resident memory of the process, bytes.</summary>
    public long ResidentBytes => _process.ResidentBytes;

    /// <summary>File descriptors that the process has open.</summary>
    public int Handles => _process.Handles;

    /// <summary>Starts <c>inference-runtime serve</c> with one thread and waits until it is ready.</summary>
    public static async Task<PinnedServer> StartRuntimeAsync(ServedModel model, ServerSettings settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("benchmarks-").FullName;
        var document = Path.Combine(folder, "settings.json");
        var ports = Path.Combine(folder, "ports.json");
        await File.WriteAllTextAsync(document, settings.ToJson(), cancellationToken);
        var process = PinnedProcess.Start(
            ServerCore,
            "env",
            [.. settings.Environment ?? [], Runtime,
            "serve", "--model", model.File, "--name", "model", "--threads", "1", "--settings", document, "--port-file", ports,
            "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--admin-port", "0", "--host", "127.0.0.1"]);
        try
        {
            while (!File.Exists(ports))
            {
                await process.LineAsync(cancellationToken);
            }

            using var endpoints = JsonDocument.Parse(await File.ReadAllBytesAsync(ports, cancellationToken));
            Uri Endpoint(string name) => new(endpoints.RootElement.GetProperty(name).GetString()!); // The runtime writes each of them.
            return new PinnedServer(process, folder, Endpoint("http")) { Grpc = Endpoint("grpc"), Metrics = Endpoint("metrics") };
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>Starts Kestrel with nothing behind it, which answers as <paramref name="like"/> answered this request.</summary>
    public static async Task<PinnedServer> StartEmptyAsync(PinnedServer like, bool binary, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("benchmarks-").FullName;
        using var client = new HttpClient { BaseAddress = like.Url };
        var metadata = Path.Combine(folder, "metadata.json");
        var reply = Path.Combine(folder, "reply");
        var described = await client.GetByteArrayAsync(new Uri("v2/models/model", UriKind.Relative), cancellationToken);
        await File.WriteAllBytesAsync(metadata, described, cancellationToken);

        using var answer = await client.SendAsync(OneRow(described, binary), cancellationToken);
        await File.WriteAllBytesAsync(reply, await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken), cancellationToken);
        List<string> arguments = ["empty-endpoint", "--metadata", metadata, "--reply", reply];
        if (answer.Headers.TryGetValues("Inference-Header-Content-Length", out var length)
            || answer.Content.Headers.TryGetValues("Inference-Header-Content-Length", out length))
        {
            arguments.AddRange(["--header-length", length.First()]);
        }

        var process = PinnedProcess.Start(ServerCore, Environment.ProcessPath!, arguments);
        return new PinnedServer(process, folder, new Uri(await process.LineAsync(cancellationToken)));
    }

    /// <summary>Starts the Node.js server that a user would write, which describes its model as <paramref name="like"/> does.</summary>
    public static async Task<PinnedServer> StartNodeAsync(ServedModel model, PinnedServer like, CancellationToken cancellationToken)
    {
        var program = await NodePeer.InstalledAsync(cancellationToken);
        using var client = new HttpClient { BaseAddress = like.Url };
        var metadata = await client.GetStringAsync(new Uri("v2/models/model", UriKind.Relative), cancellationToken);
        var process = PinnedProcess.Start(ServerCore, "node", program, model.File, metadata);
        return new PinnedServer(process, Directory.CreateTempSubdirectory("benchmarks-").FullName, new Uri(await process.LineAsync(cancellationToken)));
    }

    /// <summary>Executions of the model so far, and their rows; zeros for a server that does not tell.</summary>
    public async Task<(double Executions, double Rows)> ExecutionsAsync(CancellationToken cancellationToken)
    {
        if (Metrics is null)
        {
            return (0, 0);
        }

        using var client = new HttpClient();
        var page = await client.GetStringAsync(new Uri(Metrics, "metrics"), cancellationToken);
        return (Value(page, MetricNames.ExecutionsTotal), Value(page, MetricNames.ExecutionRowsTotal));
    }

    private static double Value(string page, string metric) =>
        page.Split('\n')
            .Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal))
            .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static HttpRequestMessage OneRow(byte[] metadata, bool binary)
    {
        using var document = JsonDocument.Parse(metadata);
        var input = document.RootElement.GetProperty("inputs")[0];
        long[] shape = [1, .. input.GetProperty("shape").EnumerateArray().Skip(1).Select(static dimension => dimension.GetInt64())];
        var elements = shape.Aggregate(1L, static (product, dimension) => product * dimension);
        var tensor = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"name":"{{input.GetProperty("name").GetString()}}","datatype":"{{input.GetProperty("datatype").GetString()}}","shape":[{{string.Join(',', shape)}}],"data":[{{string.Join(',', Enumerable.Repeat(1, checked((int)elements)))}}]}""");
        var parameters = binary ? ""","parameters":{"binary_data_output":true}""" : "";
        return new HttpRequestMessage(HttpMethod.Post, new Uri("v2/models/model/infer", UriKind.Relative))
        {
            Content = new StringContent($$"""{"inputs":[{{tensor}}]{{parameters}}}""", Encoding.UTF8, "application/json"),
        };
    }
}
