using System.Text.Json;
using InferenceRuntime.Contract;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>One run of the local mode through a step that one replica does not carry: real processes, a real model, and, if asked for, its burst variant.</summary>
/// <param name="plan">The load and the objective.</param>
/// <param name="folder">Where files go.</param>
/// <param name="hasBurst">Whether the variant is declared.</param>
internal sealed class BurstStep(BurstPlan plan, string folder, bool hasBurst)
{
    private const string AnswersMetric = "inference_operator_variant_answers";

    /// <summary>Runs it, two minutes.</summary>
    public async Task<BurstOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var local = await LocalMode.StartAsync(LanguageAgent.Manifest(plan, "99", Variants()), folder, cancellationToken);
        await using (local)
        {
            var (report, seconds) = (Path.Combine(folder, "load.json"), new List<BurstSecond>());
            using var load = LanguageAgent.StartLoad(local, plan, report);
            while (await load.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                seconds.Add(await LookAsync(local, line, cancellationToken));
            }

            await load.WaitForExitAsync(cancellationToken);
            using var document = JsonDocument.Parse(await File.ReadAllTextAsync(report, cancellationToken));
            var total = document.RootElement.GetProperty("total");
            return new(total.GetProperty("due").GetInt64(), total.GetProperty("answered").GetInt64(), total.GetProperty("withinSlo").GetInt64(), seconds);
        }
    }

    private static async Task<BurstSecond> LookAsync(LocalMode local, string line, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(line);
        var figures = document.RootElement.GetProperty("figures");
        var agent = await local.AgentAsync(cancellationToken);
        var page = await local.MetricsAsync(new Uri(local.Rest, "/metrics"), cancellationToken);
        return new(
            document.RootElement.GetProperty("phase").GetInt32(),
            figures.GetProperty("answered").GetInt64(),
            figures.GetProperty("p99Ms").GetDouble(),
            agent.GetProperty("status").GetProperty("readyReplicas").GetInt32(),
            page.Where(static sample => sample.Name == AnswersMetric && sample.Value > 0).Select(static sample => sample.Label(MetricLabels.Variant) ?? BurstOutcome.Full).FirstOrDefault(BurstOutcome.Full),
            await ByBurstAsync(local, cancellationToken));
    }

    private static async Task<double> ByBurstAsync(LocalMode local, CancellationToken cancellationToken)
    {
        var sum = 0.0;
        foreach (var replica in local.Replicas())
        {
            try
            {
                sum += (await local.MetricsAsync(new Uri(replica.Metrics, "/metrics"), cancellationToken))
                    .Where(static sample => sample.Name == MetricNames.VariantRequestsTotal && sample.Label(MetricLabels.Variant) == BurstOutcome.Burst)
                    .Sum(static sample => sample.Value);
            }
            catch (HttpRequestException)
            {
                // It ended meanwhile.
            }
        }

        return sum;
    }

    private string Variants()
    {
        if (!hasBurst)
        {
            return "";
        }

        var cut = Path.Combine(folder, "first-layer.onnx");
        ShallowModel.Write(LanguageAgent.Model, cut);
        return $"  variants: [{{name: {BurstOutcome.Burst}, use: Burst, accuracy: \"0.81\", model: {{uri: \"file://{cut}\"}}}}]";
    }
}
