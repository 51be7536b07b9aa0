using InferenceOperator.Manifests;

namespace Packaging.Tests.Kit;

/// <summary>Helm's engine, as <c>eng/helm-engine</c> builds it, on the chart.</summary>
internal static class HelmEngine
{
    private static readonly string Chart = Repository.File("charts", "inference-operator");

    /// <summary>Its program; null where it is not to be had, and <paramref name="missing"/> says why.</summary>
    public static string? Find(out string missing)
    {
        var program = Environment.GetEnvironmentVariable("INFERENCE_OPERATOR_HELM_ENGINE") is { Length: > 0 } given ? given : Path.Combine(Cache(), "helm-engine", "helm-engine");
        missing = File.Exists(program) ? "" : $"{program} is not there; run eng/helm-engine";
        return missing.Length == 0 ? program : null;
    }

    /// <summary>Renders the chart.</summary>
    /// <param name="values">A file below the chart's <c>ci</c>; null: none.</param>
    /// <param name="arguments">Further options.</param>
    public static Task<ShellResult> RunAsync(string? values, params IEnumerable<string> arguments) =>
        Shell.RunAsync(Find(out _)!, null, ["--chart", Chart, .. values is null ? Array.Empty<string>() : ["--values", Path.Combine(Chart, "ci", values)], .. arguments]); // Tests that need it are skipped without it.

    /// <summary>The templates' texts by path.</summary>
    public static async Task<Dictionary<string, string>> RenderAsync(string? values, params IEnumerable<string> arguments)
    {
        var result = await RunAsync(values, arguments);
        Assert.True(result.Code == 0, result.Errors);
        return JsonNode.Parse(result.Output)!.AsObject().ToDictionary(static pair => Path.GetFileName(pair.Key), static pair => (string)pair.Value!); // The engine's own form.
    }

    /// <summary>The objects of all templates, in the order in which they are to be applied.</summary>
    public static async Task<IReadOnlyList<JsonObject>> ObjectsAsync(string? values, params IEnumerable<string> arguments) =>
        Objects((await RenderAsync(values, arguments)).Where(static file => file.Key != "NOTES.txt").Select(static file => file.Value));

    /// <summary>The objects of YAML texts, namespaces and definitions first.</summary>
    public static IReadOnlyList<JsonObject> Objects(IEnumerable<string> texts)
    {
        var readings = texts.Select(YamlReader.Read).ToArray();
        Assert.All(readings, static reading => Assert.Null(reading.Fault));
        return [.. readings.SelectMany(static reading => reading.Documents).Select(static document => document.Content).OfType<JsonObject>().OrderBy(Order)];
    }

    private static int Order(JsonObject manifest) => (string)manifest["kind"]! switch
    {
        "Namespace" => 0,
        "CustomResourceDefinition" => 1,
        "ServiceAccount" => 2,
        _ => 3,
    };

    private static string Cache() =>
        Environment.GetEnvironmentVariable("INFERENCE_OPERATOR_CACHE") is { Length: > 0 } own
            ? own
            : Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches ? caches : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
                "inference-operator");
}
