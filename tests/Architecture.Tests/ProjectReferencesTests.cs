using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>Reads the project files and holds them against the table in ARCHITECTURE.md.</summary>
public sealed class ProjectReferencesTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["InferenceOperator.Core"] = [],
        ["InferenceOperator.Kubernetes"] = [],
        ["InferenceOperator"] = ["InferenceOperator.Core", "InferenceOperator.Kubernetes", "InferenceRuntime.Contract", "InferenceRuntime.Telemetry"],
        ["InferenceRuntime.Contract"] = [],
        ["InferenceRuntime.Core"] = ["InferenceRuntime.Contract"],
        ["InferenceRuntime.Onnx"] = [],
        ["Microsoft.ML.OnnxRuntime"] = [],
        ["InferenceRuntime.Telemetry"] = [],
        ["InferenceRuntime"] =
            ["InferenceRuntime.Contract", "InferenceRuntime.Core", "InferenceRuntime.Onnx", "InferenceRuntime.Telemetry", "Microsoft.ML.OnnxRuntime"],
    };

    public static TheoryData<string> Projects()
    {
        var projects = new TheoryData<string>();
        foreach (var project in ShippedProjects())
        {
            projects.Add(Path.GetFileNameWithoutExtension(project));
        }

        return projects;
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_architecture_allows(string project)
    {
        var file = ShippedProjects().Single(path => Path.GetFileNameWithoutExtension(path) == project);

        var references = XDocument.Load(file)
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .Order(StringComparer.Ordinal)
            .ToArray();

        Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project} is not in the table: add it there and here, with the reason.");
        Assert.Empty(references.Except(allowed!));
    }

    [Fact]
    public void Every_project_of_the_table_exists()
    {
        var names = ShippedProjects().Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal);

        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), names!);
    }

    private static string[] ShippedProjects()
    {
        return
        [
            .. Directory.EnumerateFiles(Repository.File("operator"), "*.csproj", SearchOption.AllDirectories),
            .. Directory.EnumerateFiles(Repository.File("runtime"), "*.csproj", SearchOption.AllDirectories),
        ];
    }
}
