using System.Diagnostics;
using InferenceOperator.Testing;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>The agent of the runs under load that steps, and that load, by a process of <c>inference-runtime bench</c>.</summary>
internal static class LanguageAgent
{
    private const string Name = "language";

    public static readonly string Model = Repository.File("models", "language-transformer.onnx");

    /// <summary>Rows of the model's input.</summary>
    public static readonly string Input = Repository.File("models", "language-test.csv");

    /// <summary>What is declared, YAML.</summary>
    /// <param name="plan">The load and the objective.</param>
    /// <param name="percentile">Percent of the requests that have to be within the objective.</param>
    /// <param name="others">Further lines of the spec; empty: none.</param>
    public static string Manifest(IStepLoad plan, string percentile, string others = "") => Invariant($"""
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata:
          name: {Name}
        spec:
          model:
            uri: file://{Model}
        {others}
          slo:
            latency:
              percentile: "{percentile}"
              target: {plan.SloSeconds * 1000}ms
          scaling:
            minReplicas: 1
            maxReplicas: {plan.ReplicasMax}
          batching:
            maxSize: {plan.Rows}

        """);

    /// <summary>Starts the load; each line that it prints is a second of it.</summary>
    /// <param name="local">Serves the agent.</param>
    /// <param name="plan">The load and the objective.</param>
    /// <param name="report">File of the whole, JSON.</param>
    public static Process StartLoad(LocalMode local, IStepLoad plan, string report) => LocalMode.Start(
        LocalMode.Runtime,
        "bench", "--url", local.Rest.GetLeftPart(UriPartial.Authority), "--model", Name, "--phases", plan.Phases, "--input", Input, "--rows", Invariant($"{plan.Rows}"),
        "--warmup", Invariant($"{plan.WarmUpSeconds}s"), "--slo", Invariant($"{plan.SloSeconds * 1000}ms"), "--connections", "512", "--progress", "--output", report);
}
