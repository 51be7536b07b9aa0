using System.Globalization;
using System.Text;
using System.Text.Json;
using InferenceOperator.Benchmarks.Processes;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A server on the server's core, and loads on it from the other core.</summary>
internal sealed class PinnedServer : IDisposable
{
    /// <summary>The core that serves.</summary>
    public const int ServerCore = 0;

    /// <summary>The core that loads.</summary>
    public const int LoadCore = 1;

    private static readonly string Runtime = Path.Combine(AppContext.BaseDirectory, "inference-runtime");

    private readonly PinnedProcess _process;
    private readonly string _folder;

    private PinnedServer(PinnedProcess process, string folder, Uri url)
    {
        _process = process;
        _folder = folder;
        Url = url;
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Starts <c>inference-runtime serve</c> with one thread and waits until it is ready.</summary>
    public static async Task<PinnedServer> StartRuntimeAsync(ServedModel model, int maxSize, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("benchmarks-").FullName;
        var settings = Path.Combine(folder, "settings.json");
        var ports = Path.Combine(folder, "ports.json");
        await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture, $$"""{"batching":{"maxSize":{{maxSize}},"maxDelayMs":0} }"""), cancellationToken);
        var process = PinnedProcess.Start(
            ServerCore,
            Runtime,
            "serve", "--model", model.File, "--name", "model", "--threads", "1", "--settings", settings, "--port-file", ports,
            "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--admin-port", "0", "--host", "127.0.0.1");
        try
        {
            while (!File.Exists(ports))
            {
                await process.LineAsync(cancellationToken);
            }

            using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(ports, cancellationToken));
            return new PinnedServer(process, folder, new Uri(document.RootElement.GetProperty("http").GetString()!));
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

    /// <summary>Puts a closed-loop load on it.</summary>
    public async Task<LoadResult> LoadAsync(int clients, int rows, bool binary, TimeSpan duration, CancellationToken cancellationToken)
    {
        var report = Path.Combine(_folder, "load.json");
        async Task RunAsync(TimeSpan length)
        {
            using var load = PinnedProcess.Start(
                LoadCore,
                Runtime,
                "bench", "--url", Url.GetLeftPart(UriPartial.Authority), "--model", "model", "--protocol", binary ? "binary" : "json",
                "--concurrency", clients.ToString(CultureInfo.InvariantCulture), "--rows", rows.ToString(CultureInfo.InvariantCulture),
                "--duration", string.Create(CultureInfo.InvariantCulture, $"{length.TotalSeconds}s"), "--warmup", "0s", "--output", report);
            await load.CompletedAsync(cancellationToken);
        }

        // The warm-up is a load of its own, so that the processor time of the measured one is not mixed with it.
        await RunAsync(duration / 4);
        var before = _process.CpuSeconds;
        await RunAsync(duration);
        return LoadResult.Read(report, _process.CpuSeconds - before);
    }

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
