using System.Diagnostics;
using System.Text.Json;
using InferenceRuntime.Contract;
using InferenceRuntime.Tests.Fetching;

namespace InferenceRuntime.Tests.Commands;

/// <summary><c>inference-runtime fetch</c> as a process, and <c>serve</c> with what it brought.</summary>
public sealed class FetchProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fetch").FullName;

    private string Store => Path.Combine(_folder, "store");

    private string Links => Path.Combine(_folder, "links");

    private string TerminationLog => Path.Combine(_folder, "termination-log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_fetched_is_served()
    {
        var model = await File.ReadAllBytesAsync(ReplicaProcess.Model("digits-mlp.onnx"));
        await using var server = await FileServer.StartAsync(new ServedFile(model, "\"digits\""));
        var sha256 = FetchTests.Sha256(model);

        var (code, errors) = await FetchAsync(server, "--model", $"full={server.Url("/digits.onnx")}", "--sha256", $"full={sha256.ToUpperInvariant()}");
        await using var replica = await ReplicaProcess.StartAsync(
            "--model", Path.Combine(Links, "full", "model.onnx"), "--model-root", Store, "--sha256", sha256, "--name", "m", "--drain-delay", "0s");

        Assert.True(code == 0, errors);
        Assert.Contains("fetched now", errors, StringComparison.Ordinal);
        using var client = new HttpClient();
        Assert.Equal(sha256, JsonSerializer.Deserialize(await client.GetStringAsync(new Uri(replica.Admin, "/v1/state")), ContractJson.Default.ReplicaState)!.ModelSha256);
    }

    [Fact]
    public async Task External_data_are_served_through_the_link()
    {
        var files = new Dictionary<string, ServedFile>
        {
            ["/m.onnx"] = new(FetchUnderTest.ModelWithData("w/m.data"), "\"m\""),
            ["/w/m.data"] = new([0, 0, 128, 63, 0, 0, 0, 64], "\"w\""),
        };
        await using var server = await FileServer.StartAsync(files);

        var (code, errors) = await FetchAsync(server, "--model", $"full={server.Url("/m.onnx")}");
        await using var replica = await ReplicaProcess.StartAsync("--model", Path.Combine(Links, "full", "model.onnx"), "--model-root", Store, "--name", "m", "--drain-delay", "0s");

        Assert.True(code == 0, errors);
        using var client = new HttpClient();
        using var reply = await client.PostAsync(
            new Uri(replica.Rest, "/v2/models/m/infer"), new StringContent("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[10,20]}]}"""));
        Assert.Contains("[11,22]", (await reply.Content.ReadAsStringAsync()).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_model_ends_with_the_code_and_the_message_that_the_operator_reads()
    {
        await using var server = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), "\"m\""));
        var pin = new string('0', 64);

        var (code, _) = await FetchAsync(server, "--model", $"full={server.Url("/m.onnx")}", "--sha256", $"full={pin}");

        Assert.Equal(3, code);
        Assert.Equal(
            $"DigestMismatch: {server.Url("/m.onnx")}: sha256 mismatch: expected {pin}, actual {FetchTests.Sha256(FetchUnderTest.Model())}",
            await File.ReadAllTextAsync(TerminationLog));
        Assert.False(Path.Exists(Path.Combine(Links, "full")));
    }

    [Fact]
    public async Task A_server_that_is_away_ends_with_the_code_of_another_try()
    {
        var server = await FileServer.StartAsync(new ServedFile([], null));
        var away = server.Url("/m.onnx");
        await server.DisposeAsync();

        var (code, _) = await RunAsync("--model", $"full={away}", "--allow-source", "127.0.0.1", "--allow-source", "::1", "--timeout", "1s");

        Assert.Equal(1, code);
        Assert.StartsWith("TimedOut: ", await File.ReadAllTextAsync(TerminationLog), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_machine_itself_is_no_source_unless_it_is_allowed()
    {
        var (code, _) = await RunAsync("--model", "full=https://127.0.0.1:1/m.onnx");

        Assert.Equal(3, code);
        Assert.StartsWith("SourceRefused: ", await File.ReadAllTextAsync(TerminationLog), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--model: full: it starts with neither", "--model", "full=http://a.example/m.onnx")]
    [InlineData("needs NAME=ADDRESS", "--model", "../x=https://a.example/m.onnx")]
    [InlineData("a name stands twice", "--model", "full=https://a.example/m.onnx", "--model", "full=https://a.example/n.onnx")]
    [InlineData("--sha256: there is no --model 'b'", "--model", "full=https://a.example/m.onnx", "--sha256", "b=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("64 hexadecimal digits", "--model", "full=https://a.example/m.onnx", "--sha256", "full=xyz")]
    [InlineData("NAME/LOCATION=SHA256", "--model", "full=https://a.example/m.onnx", "--data-sha256", "full=xyz")]
    [InlineData("--access: there is no --model 'b'", "--model", "full=https://a.example/m.onnx", "--access", "b=/secret")]
    [InlineData("host name", "--model", "full=https://a.example/m.onnx", "--allow-source", "10.0.0.0/99")]
    [InlineData("--remove-unused-days: 0", "--model", "full=https://a.example/m.onnx", "--remove-unused-days", "0")]
    public async Task Wrong_arguments_are_named(string error, params string[] arguments)
    {
        var (code, errors) = await RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.Contains(error, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("m.data")]
    public async Task A_link_out_of_the_models_folder_is_not_served(string linked)
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
        var models = Directory.CreateDirectory(Path.Combine(_folder, "models")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(models, "model.onnx"), FetchUnderTest.ModelWithData("m.data"));
        await File.WriteAllBytesAsync(Path.Combine(models, "m.data"), new byte[8]);
        File.Move(Path.Combine(models, linked), Path.Combine(outside, linked));
        File.CreateSymbolicLink(Path.Combine(models, linked), Path.Combine(outside, linked));

        var (code, _, message) = await ReplicaProcess.FailAsync("--model", Path.Combine(models, "model.onnx"), "--model-root", models);

        Assert.Equal(3, code);
        Assert.Contains("leads out of", message, StringComparison.Ordinal);
    }

    private Task<(int Code, string Errors)> FetchAsync(FileServer server, params string[] arguments)
    {
        File.WriteAllText(Path.Combine(_folder, "ca.crt"), server.Authorities);
        return RunAsync([.. arguments, "--access", $"full={_folder}", "--allow-source", "127.0.0.1", "--allow-source", "::1"]);
    }

    private async Task<(int Code, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "inference-runtime")) { RedirectStandardError = true };
        foreach (var argument in (string[])["fetch", "--store", Store, "--links", Links, "--termination-log", TerminationLog, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!; // Started.
        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }
}
