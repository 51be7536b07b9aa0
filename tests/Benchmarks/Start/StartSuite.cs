using System.Diagnostics;
using System.Globalization;
using System.Text;
using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;

namespace InferenceOperator.Benchmarks.Start;

/// <summary>From the start of a process to its first answer to an inference request.</summary>
/// <param name="program">The <c>inference-runtime</c> to start: the built one, or one that was published.</param>
/// <param name="models">The folder of the repository's models.</param>
/// <param name="rounds">Starts of each model; the median counts.</param>
internal sealed class StartSuite(string program, string models, int rounds)
{
    private const double TargetMs = 500;

    public async Task<SuiteReport> RunAsync(CancellationToken cancellationToken)
    {
        (string Model, string Input, int[] Shape)[] served = [("digits-cnn", "image", [1, 1, 8, 8]), ("digits-mlp", "pixels", [1, 64])];
        var rows = new List<IReadOnlyList<string>>();
        var medians = new List<double>();
        foreach (var (model, input, shape) in served)
        {
            var file = Path.Combine(models, $"{model}.onnx");
            var times = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                times.Add(await StartAsync(file, input, shape, cancellationToken));
            }

            times.Sort();
            medians.Add(times[times.Count / 2]);
            rows.Add(
            [
                model, string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(file).Length / 1e6:0.0}"),
                Text(times[0]), Text(times[times.Count / 2]), Text(times[^1]),
            ]);
        }

        var table = new ReportTable("From process start to the first answer, ms", ["model", "MB", "least", "median", "most"], rows);
        var bar = Bar.AtMost("first answer of a 5 MB model", TargetMs, medians[^1], " ms");
        return new SuiteReport("start", Machine.Describe(), [table], [bar]);
    }

    /// <summary>Milliseconds of one start.</summary>
    private async Task<double> StartAsync(string file, string input, int[] shape, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(
            program,
            ["serve", "--model", file, "--name", "m", "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--admin-port", "0", "--drain-delay", "0s"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var client = new HttpClient();
        var data = string.Join(',', Enumerable.Repeat("0.5", shape.Aggregate(static (a, b) => a * b)));
        var json = $$"""{"inputs":[{"name":"{{input}}","shape":[{{string.Join(',', shape)}}],"datatype":"FP32","data":[{{data}}]}]}""";
        var startedAt = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        try
        {
            var ready = await process.StandardOutput.ReadLineAsync(cancellationToken)
                ?? throw new InvalidOperationException($"{program} ended: {await process.StandardError.ReadToEndAsync(cancellationToken)}");
            using var content = new StringContent(json, Encoding.UTF8, "application/json");
            using var reply = await client.PostAsync(new Uri(new Uri(ready.Split(' ')[4]), "/v2/models/m/infer"), content, cancellationToken);
            reply.EnsureSuccessStatusCode();
            return TimeProvider.System.GetElapsedTime(startedAt).TotalMilliseconds;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static string Text(double milliseconds) => milliseconds.ToString("0", CultureInfo.InvariantCulture);
}
