using System.Diagnostics;
using System.Text;
using InferenceOperator.Testing.Servers;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Images;

/// <summary>The runtime of a tree that serves a model, contained as in a pod.</summary>
internal sealed class ServingTree : IAsyncDisposable
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly CancellationTokenSource _patience = new(PatienceMax, TimeProvider.System);
    private Process? _process;
    private JsonNode? _ports;

    private ServingTree()
    {
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="environment">NAME=VALUE of what it has beside what every image has.</param>
    /// <param name="options">What its command line says beside the model.</param>
    public static async Task<ServingTree> StartAsync(string tree, IReadOnlyList<string>? environment = null, IReadOnlyList<string>? options = null)
    {
        var serving = new ServingTree();
        try
        {
            await serving.BeginAsync(tree, environment ?? [], options ?? []);
            return serving;
        }
        catch
        {
            await serving.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command line for a model, on ports that are free.</summary>
    public static string[] Arguments(TemporaryFolder folder, string model) =>
    [
        "serve", "--model", model, "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--admin-port", "0", "--port-file", folder.File("ports.json"), "--drain-delay", "0s",
    ];

    /// <summary>A model that the image's user may read, in a folder that it may write to.</summary>
    public static async Task<string> ModelAsync(TemporaryFolder folder)
    {
        File.Copy(Repository.File("models", "digits-mlp.onnx"), folder.File("digits.onnx"));
        await Shell.OutputOfAsync("chmod", null, "-R", "go+rwX", folder.Path);
        return folder.File("digits.onnx");
    }

    /// <summary>The reply to a picture.</summary>
    public async Task<JsonNode> InferAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri((string)_ports!["http"]!) };
        using var body = new StringContent($$"""{"inputs": [{"name": "pixels", "shape": [1, 64], "datatype": "FP32", "data": [{{string.Join(", ", Enumerable.Repeat("0.5", 64))}}]}]}""");
        using var reply = await http.PostAsync(new Uri("/v2/models/digits/infer", UriKind.Relative), body, _patience.Token);
        var text = await reply.Content.ReadAsStringAsync(_patience.Token);
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>What it says of itself.</summary>
    public async Task<JsonNode> StateAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri((string)_ports!["admin"]!) };
        return JsonNode.Parse(await http.GetStringAsync(new Uri("/v1/state", UriKind.Relative), _patience.Token))!;
    }

    /// <summary>Ends it; its log.</summary>
    public async Task<string> EndAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(_patience.Token);
        lock (_log)
        {
            return _log.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await EndAsync();
        }

        _process?.Dispose();
        _patience.Dispose();
        _folder.Dispose();
    }

    private async Task BeginAsync(string tree, IReadOnlyList<string> environment, IReadOnlyList<string> options)
    {
        var command = ImageTrees.Contained(environment, Path.Combine(tree, "app", "inference-runtime"), [.. Arguments(_folder, await ModelAsync(_folder)), .. options]);
        _process = new Process { StartInfo = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true } };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        while (!File.Exists(_folder.File("ports.json")))
        {
            Assert.False(_process.HasExited, _process.HasExited ? await EndAsync() : "");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, _patience.Token);
        }

        _ports = JsonNode.Parse(await File.ReadAllTextAsync(_folder.File("ports.json"), _patience.Token));
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }
}
