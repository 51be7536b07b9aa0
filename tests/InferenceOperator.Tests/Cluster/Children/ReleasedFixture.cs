using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Planning;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Children;

/// <summary>An agent and what a released version made of it.</summary>
/// <param name="Agent">The agent's manifest.</param>
/// <param name="Children">The manifests of its children.</param>
internal sealed record ReleasedFixture(JsonObject Agent, ImmutableArray<JsonObject> Children)
{
    private static string Folder => Path.GetDirectoryName(Path.GetDirectoryName(Repository.File("tests", "InferenceOperator.Tests", "Cluster", "Children", "Released", "v0.1.0", "plain.json"))!)!; // A file has a folder.

    public JsonObject Deployment => Children.Single(static child => (string?)child["kind"] == "Deployment");

    public JsonNode Template => Deployment["spec"]!["template"]!;

    /// <summary>All files, as version and name.</summary>
    public static IEnumerable<string> All() => Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories).Select(static file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal);

    public static ReleasedFixture Read(string file)
    {
        var whole = Written.Json(File.ReadAllText(Path.Combine(Folder, file)));
        return new(whole["agent"]!.AsObject(), [.. whole["children"]!.AsArray().Select(static child => child!.AsObject())]);
    }

    public WorkloadPlan Plan() => Written.Plan(Agent.DeepClone().AsObject());
}
