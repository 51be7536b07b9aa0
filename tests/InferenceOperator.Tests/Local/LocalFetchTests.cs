using System.Security.Cryptography;
using InferenceOperator.Core.Observation;
using InferenceRuntime.Tests.Fetching;

namespace InferenceOperator.Tests.Local;

/// <summary>The local mode with models that lie on a server.</summary>
public sealed class LocalFetchTests : IAsyncLifetime
{
    private readonly LocalHostUnderTest _local = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _local.DisposeAsync().AsTask();

    [Fact]
    public async Task A_model_and_a_variant_are_fetched_and_served_and_another_model_takes_over()
    {
        await using var server = await FileServer.StartAsync(new Dictionary<string, ServedFile>
        {
            ["/mlp.onnx"] = new(Model("digits-mlp.onnx"), "\"mlp\""),
            ["/cnn.onnx"] = new(Model("digits-cnn.onnx"), "\"cnn\""),
        });
        Write(server, "/mlp.onnx", Sha256("digits-mlp.onnx"));
        await _local.StartAsync();

        await _local.UntilReadyAsync("digits", 1);
        Assert.Equal(Sha256("digits-mlp.onnx"), _local.Workload("digits")!.ServingSha256);

        Write(server, "/cnn.onnx", Sha256("digits-cnn.onnx"));
        await _local.UntilAsync(() => _local.Workload("digits") is { } workload && workload.ServingSha256 == Sha256("digits-cnn.onnx") && workload.Replicas is [{ Phase: ReplicaPhase.Ready }]);

        Assert.Equal("True", _local.Condition("digits", "ModelAccepted").Status);
    }

    [Fact]
    public async Task Another_file_than_the_pinned_one_is_never_served_and_the_status_names_both_digests()
    {
        await using var server = await FileServer.StartAsync(new ServedFile(Model("digits-cnn.onnx"), "\"cnn\""));
        Write(server, "/mlp.onnx", Sha256("digits-mlp.onnx"));
        await _local.StartAsync();

        await _local.UntilAsync(() => _local.Condition("digits", "ModelAccepted").Status == "False");

        var message = _local.Condition("digits", "ModelAccepted").Message;
        Assert.Contains($"expected {Sha256("digits-mlp.onnx")}, actual {Sha256("digits-cnn.onnx")}", message, StringComparison.Ordinal);
        Assert.Empty(_local.Workload("digits")!.Replicas);
    }

    [Fact]
    public async Task A_server_that_cannot_serve_now_is_waited_for()
    {
        var file = new ServedFile(Model("digits-mlp.onnx"), "\"mlp\"");
        var open = false;
        await using var server = await FileServer.StartAsync(context =>
        {
            if (Volatile.Read(ref open))
            {
                return file.AnswerAsync(context);
            }

            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        Write(server, "/mlp.onnx", Sha256("digits-mlp.onnx"));
        await _local.StartAsync();
        await _local.UntilAsync(() => _local.Condition("digits", "Ready").Message?.Contains("its model is being fetched", StringComparison.Ordinal) is true);
        Assert.NotEqual("False", _local.Condition("digits", "ModelAccepted").Status);

        Volatile.Write(ref open, true);

        await _local.UntilReadyAsync("digits", 1);
    }

    private static byte[] Model(string name) => File.ReadAllBytes(Repository.File("models", name));

    private static string Sha256(string model) => Convert.ToHexStringLower(SHA256.HashData(Model(model)));

    private void Write(FileServer server, string path, string sha256)
    {
        var secret = Directory.CreateDirectory(Path.Combine(_local.Folder, "secrets", "store")).FullName;
        File.WriteAllText(Path.Combine(secret, "ca.crt"), server.Authorities);
        _local.Write("digits.yaml", $$"""
            apiVersion: inferenceoperator.io/v1alpha1
            kind: InferenceAgent
            metadata: {name: digits}
            spec:
              model: {uri: "{{server.Url(path)}}", sha256: {{sha256}}, auth: {secretName: store} }
              scaling: {minReplicas: 1, maxReplicas: 1}
              rollout: {strategy: Immediate}   # nobody asks, so that nothing could be compared
            """);
    }
}
