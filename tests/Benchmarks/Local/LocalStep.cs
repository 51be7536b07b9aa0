using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using InferenceOperator.Testing;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>
/// One run of the local mode as a person starts it, under load that steps to four times its rate: real processes, real clocks, a real model.
/// </summary>
/// <param name="plan">The load and the objective.</param>
/// <param name="folder">Where files go.</param>
internal sealed class LocalStep(StepPlan plan, string folder)
{
    private const string Agent = "language";

    private static readonly string Runtime = Path.Combine(AppContext.BaseDirectory, "inference-runtime");
    private static readonly string Model = Repository.File("models", "language-transformer.onnx");
    private static readonly string Input = Repository.File("models", "language-test.csv");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<StepSecond> _seconds = [];

    /// <summary>What others took of the cores during the load.</summary>
    public OthersUse Others { get; private set; } = new();

    /// <summary>Seconds of one row alone, the median; what the load is made for this machine by.</summary>
    public static async Task<double> RowSecondsAsync(string folder, CancellationToken cancellationToken)
    {
        var said = await OutputAsync(Runtime, ["predict", "--model", Model, "--input", Input, "--output", Path.Combine(folder, "answers.csv")], cancellationToken);
        using var document = JsonDocument.Parse(said.TrimEnd().Split('\n')[^1]);
        return document.RootElement.GetProperty("medianMs").GetDouble() / 1000;
    }

    /// <summary>Runs it, a minute and a half.</summary>
    public async Task<StepOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var decisions = Path.Combine(folder, "decisions.jsonl");
        using var client = new HttpClient { Timeout = Patience };
        using var local = Start(
            Repository.Program("InferenceOperator", "inference-operator"),
            ["local", WriteManifest(), "--port", "0", "--state-dir", Path.Combine(folder, "state"), "--decisions", decisions, "--runtime", Runtime]);
        try
        {
            var endpoint = await EndpointAsync(local, cancellationToken);
            var report = Path.Combine(folder, "load.json");
            using var load = Start(
                Runtime,
                [
                    "bench", "--url", endpoint.GetLeftPart(UriPartial.Authority), "--model", Agent, "--phases", plan.Phases, "--input", Input, "--rows", Invariant($"{plan.Rows}"),
                    "--warmup", Invariant($"{plan.WarmUpSeconds}s"), "--slo", Invariant($"{plan.SloSeconds * 1000}ms"), "--connections", "512", "--progress", "--output", report,
                ]);
            Others = new OthersUse();
            while (await load.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                _seconds.Add(StepSecond.Of(line, await AgentsAsync(client, endpoint, cancellationToken), Others.Look()));
            }

            await load.WaitForExitAsync(cancellationToken);
            var agents = await AgentsAsync(client, endpoint, cancellationToken);
            return StepOutcome.Of(await File.ReadAllTextAsync(report, cancellationToken), agents, await StartUpAsync(decisions, cancellationToken), _seconds);
        }
        finally
        {
            await EndAsync(local);
        }
    }

    private string WriteManifest()
    {
        var path = Path.Combine(folder, "agent.yaml");
        File.WriteAllText(path, Invariant($"""
            apiVersion: inferenceoperator.io/v1alpha1
            kind: InferenceAgent
            metadata:
              name: {Agent}
            spec:
              model:
                uri: file://{Model}
              slo:
                latency:
                  percentile: "{100 * plan.SloShare}"
                  target: {plan.SloSeconds * 1000}ms
              scaling:
                minReplicas: 1
                maxReplicas: {plan.ReplicasMax}
              batching:
                maxSize: {plan.Rows}

            """));
        return path;
    }

    // The endpoint is told first; the agent answers when its line of a curl command has come.
    private static async Task<Uri> EndpointAsync(Process local, CancellationToken cancellationToken)
    {
        Uri? endpoint = null;
        while (await local.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken) is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            endpoint ??= Array.IndexOf(words, "endpoint") is >= 0 and var at ? new Uri(words[at + 1]) : null;
            if (endpoint is not null && line.Contains(" answers at ", StringComparison.Ordinal))
            {
                _ = local.StandardOutput.ReadToEndAsync(cancellationToken); // So that it never waits for a reader.
                return endpoint;
            }
        }

        throw new InvalidOperationException($"the local mode ended before its agent answered");
    }

    private static async Task<JsonElement> AgentsAsync(HttpClient client, Uri endpoint, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri(endpoint, "/agents"), cancellationToken));
        return document.RootElement.GetProperty("agents")[0].Clone();
    }

    /// <summary>Seconds from wanted to ready, as the operator learned it.</summary>
    private static async Task<double> StartUpAsync(string decisions, CancellationToken cancellationToken)
    {
        var last = (await File.ReadAllLinesAsync(decisions, cancellationToken))[^1];
        using var document = JsonDocument.Parse(last);
        return TimeSpan.Parse(document.RootElement.GetProperty("basis").GetProperty("startUp").GetString()!, CultureInfo.InvariantCulture).TotalSeconds; // The operator writes no null.
    }

    private static async Task EndAsync(Process local)
    {
        using (var signal = Process.Start("kill", ["-TERM", Invariant($"{local.Id}")]))
        {
            await signal.WaitForExitAsync(CancellationToken.None);
        }

        try
        {
            await local.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            local.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> OutputAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        var said = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}");
    }

    private static Process Start(string program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException($"{program} did not start");
}
