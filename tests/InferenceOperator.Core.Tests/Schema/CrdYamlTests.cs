using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Tests.Schema;

public sealed class CrdYamlTests
{
    /// <summary>Set to 1, the test writes the file instead of comparing it.</summary>
    private const string UpdateVariable = "UPDATE_GENERATED";

    [Theory]
    [InlineData("crds")]
    [InlineData("charts/inference-operator/files/crds")]
    public void The_files_in_crds_and_in_the_chart_are_what_the_schema_says(string folder)
    {
        var path = Repository.File(folder, "inferenceagents.inferenceoperator.io.yaml");
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, CrdYaml.Render());
        }

        Assert.True(File.ReadAllText(path) == CrdYaml.Render(), $"{path} is out of date: run this test once with {UpdateVariable}=1");
    }

    [Fact]
    public void No_property_is_named_like_a_directive_of_a_patch() => Assert.DoesNotContain("'$", CrdYaml.Render(), StringComparison.Ordinal);

    [Fact]
    public void Every_default_passes_the_schema_it_stands_in()
    {
        Check(AgentSchema.Root, "");

        static void Check(SchemaNode node, string path)
        {
            if (node.NewDefault() is { } value)
            {
                Defaulting.Apply(node, value);
                var check = new StrictCheck();
                check.Check(node, value, path);
                check.CheckRules(node, value, path);
                Assert.Empty(check.Errors);
            }

            foreach (var field in (node as SchemaNode.Object)?.Fields ?? [])
            {
                Check(field.Node, $"{path}.{field.Name}");
            }
        }
    }

    [Fact]
    public void Every_field_is_explained_and_says_what_it_is_when_nothing_is_given()
    {
        var count = 0;
        Check(AgentSchema.Root, "", optional: false);
        Assert.True(count > 100, $"only {count} fields were looked at");

        void Check(SchemaNode node, string path, bool optional)
        {
            count++;
            Assert.True(path is "" or ".metadata" || node.Description.Length > 8, $"{path} has no description");
            Assert.True(path is "" or ".metadata" || node.Description.EndsWith('.'), $"{path}: '{node.Description}' is no sentence");
            var isLeafOfSpec = path.StartsWith(".spec", StringComparison.Ordinal) && !path.StartsWith(".spec.template", StringComparison.Ordinal) && node is not (SchemaNode.Object or SchemaNode.List or SchemaNode.Map);
            Assert.True(!isLeafOfSpec || !optional || node.Default is not null || node.Description.Contains("nset", StringComparison.Ordinal), $"{path} does not say what it is when unset");
            switch (node)
            {
                case SchemaNode.Object o:
                    foreach (var field in o.Fields)
                    {
                        Check(field.Node, $"{path}.{field.Name}", !field.Required);
                    }

                    break;
                case SchemaNode.List l:
                    Check(l.Items, path + "[]", optional: false);
                    break;
            }
        }
    }

    [Theory]
    [InlineData("true", "'true'")]
    [InlineData("None", "None")]
    [InlineData("", "''")]
    [InlineData("it's: x", "'it''s: x'")]
    [InlineData("1", "'1'")]
    [InlineData("a # b", "'a # b'")]
    public void Texts_that_yaml_could_read_otherwise_are_quoted(string text, string written) =>
        Assert.Equal($"k: {written}\n", YamlWriter.Write(new System.Text.Json.Nodes.JsonObject { ["k"] = text }));
}
