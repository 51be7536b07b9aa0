using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace InferenceRuntime.Tests.Commands;

/// <summary>When a replica says ready for the first time, seen from outside by its probe.</summary>
public sealed class ReadinessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("readiness").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_replica_is_ready_when_its_model_and_variant_are_warm_and_not_before()
    {
        var (port, rest) = (FreePort(), FreePort());
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "inference-runtime")) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])
        [
            "serve", "--model", ReplicaProcess.Model("digits-mlp.onnx"), "--variant", $"twin={ReplicaProcess.Model("digits-mlp.onnx")}", "--name", "m", "--metrics-port", port.ToString(CultureInfo.InvariantCulture),
            "--http-port", rest.ToString(CultureInfo.InvariantCulture), "--grpc-port", "0", "--admin-port", "0",
        ])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!; // Started.
        try
        {
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            using var client = new HttpClient();
            var (early, since) = (0, TimeProvider.System.GetTimestamp());
            while (await ProbeAsync(client, port) is var status && status is not HttpStatusCode.OK)
            {
                Assert.True(status is null or HttpStatusCode.ServiceUnavailable, $"the probe was answered {status}");
                Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromMinutes(2), "it never became ready");
                early += status is null ? 0 : 1;
            }

            Assert.True(early > 0, "the probe was not answered before the replica was ready");
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{rest}/v2/models/m/ready"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        finally
        {
            await process.EndAsync(Directory.CreateDirectory(Path.Combine(_folder, "none")).FullName);
        }
    }

    [Fact]
    public async Task A_replica_whose_variant_cannot_be_loaded_never_is()
    {
        var (code, _, message) = await ReplicaProcess.FailAsync(
            "--model", ReplicaProcess.Model("digits-mlp.onnx"), "--variant", $"twin={Path.Combine(_folder, "none.onnx")}");

        Assert.Equal(3, code);
        Assert.Contains("none.onnx: the file does not exist", message, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<HttpStatusCode?> ProbeAsync(HttpClient client, int port)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
