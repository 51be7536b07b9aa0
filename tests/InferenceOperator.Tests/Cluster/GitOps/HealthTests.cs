using System.Diagnostics;
using System.Text.Json.Nodes;
using InferenceOperator.Manifests;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.GitOps;

/// <summary>What Argo CD, Flux and tools that follow kstatus say of agents, by the files in config/gitops.</summary>
public sealed class HealthTests
{
    [Fact]
    public void Kstatus_says_what_is_so() => Assert.Multiple(
        [.. HealthTable.Rows.Select(static row => (Action)(() => Assert.Equal($"{row.Name}: {row.Kstatus}", $"{row.Name}: {Kstatus.Of(row.Agent)}")))]);

    [Fact]
    public void Reconciling_and_stalled_are_never_both_true() => Assert.All(HealthTable.Rows, static row =>
        Assert.False((row.Agent["status"]?["conditions"] as JsonArray ?? []).Count(static c => (string?)c!["type"] is "Reconciling" or "Stalled" && (string?)c["status"] == "True") > 1, row.Name));

    [GitOpsFact]
    public async Task Argo_cd_and_flux_say_what_is_so()
    {
        var lua = (string)Read("argocd-cm.yaml")["data"]!["resource.customizations.health.inferenceoperator.io_InferenceAgent"]!;
        var cel = Read("flux-kustomization.yaml")["spec"]!["healthCheckExprs"]![0]!;
        var request = new JsonObject
        {
            ["lua"] = lua,
            ["cel"] = cel.DeepClone(),
            ["objects"] = new JsonArray([.. HealthTable.Rows.Select(static row => row.Agent.DeepClone())]),
        };

        var said = (await EvaluateAsync(request)).AsArray();

        Assert.Equal(
            HealthTable.Rows.Select(static row => $"{row.Name}: {row.Argo}, {row.Flux}"),
            HealthTable.Rows.Zip(said, static (row, s) => $"{row.Name}: {s!["argo"]!["status"]}, {s["flux"]}"));
        Assert.All(said, static s => Assert.NotEqual("", (string?)s!["argo"]!["message"]));
        Assert.Contains("within 50ms", Message(said, "missing its SLO"), StringComparison.Ordinal);
        Assert.Contains("the image cannot be pulled", Message(said, "its image cannot be pulled"), StringComparison.Ordinal);
        Assert.Contains("0/3 nodes are available", Message(said, "finds no place"), StringComparison.Ordinal);
    }

    private static string Message(JsonArray said, string name) => (string)said[HealthTable.Rows.Select(static row => row.Name).ToList().IndexOf(name)]!["argo"]!["message"]!;

    private static JsonObject Read(string file) => YamlReader.Read(File.ReadAllText(Repository.File("config", "gitops", file))).Documents.Single().Content!.AsObject(); // The files hold one object.

    private static async Task<JsonNode> EvaluateAsync(JsonObject request)
    {
        var start = new ProcessStartInfo("node", [Repository.File("tests", "InferenceOperator.Tests", "Cluster", "GitOps", "evaluate.mjs"), GitOpsFactAttribute.Modules])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!; // A new process, not a reused one.
        using var patience = Patience.Start();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.StandardInput.WriteAsync(request.ToJsonString().AsMemory(), patience.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(patience.Token);
        Assert.True(process.ExitCode == 0, await errors);
        return JsonNode.Parse(await output)!; // An array.
    }
}
