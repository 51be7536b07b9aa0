using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster.Children;

/// <summary>The command line of <c>inference-runtime</c> in a pod.</summary>
internal static class RuntimeArguments
{
    /// <summary>The drain delay of the first revision, whatever the grace period.</summary>
    private static readonly TimeSpan DelayWithoutTimeout = TimeSpan.FromSeconds(5);

    /// <param name="agent">What is to run.</param>
    /// <param name="revision">Revision of the rendering.</param>
    /// <param name="models">Where its files are.</param>
    public static JsonArray Render(InferenceAgent agent, int revision, ModelVolumes models)
    {
        var drain = DrainTimes.Of(agent.Spec.Template);
        var delay = revision >= PodRendering.WithSpread ? drain.Delay : DelayWithoutTimeout;
        var arguments = new JsonArray(
            "serve",
            "--model", models.Path(VariantShares.Full, agent.Spec.Model.Uri),
            "--name", agent.Metadata.Name,
            "--host", "0.0.0.0",
            "--http-port", Text(RuntimePorts.Http),
            "--grpc-port", Text(RuntimePorts.Grpc),
            "--metrics-port", Text(RuntimePorts.Metrics),
            "--admin-port", Text(RuntimePorts.Admin),
            "--settings", RuntimePaths.Settings,
            "--admin-token-file", RuntimePaths.AdminToken,
            "--agent", agent.Key(),
            "--replica", "$(POD_NAME)",
            "--drain-delay", Duration.FromTimeSpan(delay).ToString(),
            "--termination-log", RuntimePaths.TerminationLog);
        if (revision >= PodRendering.WithSpread)
        {
            Add(arguments, "--drain-timeout", Duration.FromTimeSpan(drain.Timeout).ToString());
            foreach (var root in models.Roots)
            {
                Add(arguments, "--model-root", root);
            }
        }

        if (agent.Spec.Model.Sha256 is { } sha256)
        {
            Add(arguments, "--sha256", sha256);
        }

        foreach (var variant in agent.Spec.Variants ?? [])
        {
            Add(arguments, "--variant", $"{variant.Name}={models.Path(variant.Name, variant.Model.Uri)}");
            if (variant.Model.Sha256 is { } pin)
            {
                Add(arguments, "--variant-sha256", $"{variant.Name}={pin}");
            }
        }

        if (Threads(agent.Spec.Template) is { } threads)
        {
            Add(arguments, "--threads", Text(threads));
        }

        foreach (var argument in AcceleratorArguments.Of(agent.Spec.Gpu))
        {
            arguments.Add((JsonNode)argument);
        }

        if (EngineVolume.IsWanted(agent.Spec.Gpu))
        {
            Add(arguments, "--engine-cache", RuntimePaths.Engines);
        }

        return arguments;
    }

    private static void Add(JsonArray arguments, string option, string value)
    {
        arguments.Add((JsonNode)option);
        arguments.Add((JsonNode)value);
    }

    /// <summary>Whole cores of the CPU limit, at least one; null without a limit: the runtime then takes what its machine has.</summary>
    private static int? Threads(JsonObject? template) =>
        (template?["resources"] as JsonObject)?["limits"] is JsonObject limits
        && limits["cpu"] is JsonValue cpu
        && Quantity.TryParse(cpu.ToString(), out var cores)
            ? (int)Math.Clamp(Math.Floor(cores.Value), 1, 1024)
            : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
